//! `helpmark serve`.

mod keeper;

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use clap::Args;
use tokio::net::TcpListener;

use super::claim::Claim;
use super::{Failure, compile, count, counted, outbox, report, say};
use crate::auth::SignOn;
use crate::config::Config;
use crate::diagnostic::Severity;
use crate::search::Query;
use crate::snapshot::{Changes, Compilation, CompileError, Keep, Live, Options};
use crate::ticket;
use crate::watch::{Seen, Watch};
use crate::web;

#[derive(Args)]
pub(super) struct Serve {
    /// Address and port; port 0 takes a free one [default: `listen` of site.toml]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Do not follow changes of the content
    #[arg(long)]
    no_watch: bool,
    /// Show articles whose confidence is `wip` too
    #[arg(long)]
    drafts: bool,
}

pub(super) fn run(config: Config, command: &Serve) -> Result<(), Failure> {
    super::start_logging("info,tantivy=warn,notify=error");
    let address = match command.listen {
        Some(address) => address,
        None => config.listen.parse().context("`listen` of site.toml")?,
    };
    let env = |name: &str| std::env::var(name).ok();
    let sign_on = config.accounts.proxy.as_ref().map(|rules| SignOn::new(rules, env)).transpose();
    let sign_on = sign_on.context("[accounts.proxy] of site.toml")?;
    let listener = std::net::TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    let root = config.root.clone();
    // Drafts stay out of the folder that people deploy.
    let state = config.state_dir();
    let (kept, public) = match command.drafts {
        true => (state.join("preview"), state.join("preview/public")),
        false => (state, root.join("public")),
    };
    let _claim = Claim::of_server(&kept)?;
    for folder in ["content/articles", "content/resolutions", "themes"] {
        let folder = root.join(folder);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    // Watching starts before the first build, so that no edit falls between the two.
    let watch = if command.no_watch { None } else { Some(Watch::start(&root)?) };
    // The tickets are read while the site is built.
    let tickets = Arc::new(ticket::Store::open(&root));
    let warming = std::thread::spawn({
        let tickets = Arc::clone(&tickets);
        move || warm(&tickets)
    });
    let options = Options {
        public: Some(public),
        index: Keep::In(kept),
        drafts: command.drafts,
        compress: false,
        hold: true,
        progress: Arc::new(|_, _| {}),
    };
    let (compilation, snapshot) = compile::compile(config, options)?;
    report(&snapshot.config.root, &snapshot.diagnostics, Severity::Warning);
    if !command.drafts {
        report(&snapshot.config.root, &super::former::compare_and_keep(&compilation), Severity::Warning);
    }
    let calendar = super::check::calendar_of(&snapshot.config, jiff::Timestamp::now());
    report(&snapshot.config.root, calendar.as_slice(), Severity::Warning);
    let (errors, warnings) = count(&snapshot.diagnostics);
    let documents = counted(compilation.summary().documents, "document");
    say(&format!("{documents}, {}, {}", counted(errors, "error"), counted(warnings, "warning")));

    // The first search of a process reads the dictionary: before anyone waits for it.
    drop(snapshot.view.search(&Query { text: "打印机 wifi".to_owned(), limit: 1, ..Query::default() }));
    let live = Arc::new(Live::new(snapshot, watch.is_some()));
    let stopping = Arc::new(AtomicBool::new(false));
    let follower = watch.map(|watch| {
        let (live, stopping) = (Arc::clone(&live), Arc::clone(&stopping));
        std::thread::spawn(move || follow(watch, compilation, &live, &stopping))
    });
    // A reader that panicked has said so on standard error.
    let _ = warming.join();
    let watched = (!command.no_watch).then_some(root);
    let outcome = answer(live, listener, tickets, (sign_on, watched, command.drafts), &stopping);
    stopping.store(true, Ordering::Relaxed);
    if let Some(follower) = follower {
        // A builder that panicked has said so on standard error.
        let _ = follower.join();
    }
    outcome
}

/// A full or read-only disk stops no reader: filing answers 503 until it recovers.
fn warm(tickets: &ticket::Store) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let warmed = runtime.map_err(anyhow::Error::from).and_then(|runtime| Ok(runtime.block_on(tickets.warm())?));
    if let Err(error) = warmed {
        tracing::error!(%error, "tickets cannot be filed");
    }
}

/// Serves until asked to stop.
fn answer(
    live: Arc<Live>,
    listener: std::net::TcpListener,
    tickets: Arc<ticket::Store>,
    (sign_on, watched, drafts): (Option<SignOn>, Option<std::path::PathBuf>, bool),
    stopping: &Arc<AtomicBool>,
) -> Result<(), Failure> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let app = web::App::new(Arc::clone(&live), tickets, Arc::new(jiff::Timestamp::now));
        let app = app.with_sign_on(sign_on).as_preview(drafts);
        let delivery = outbox::start(app.office.outbox.clone(), Arc::clone(&live));
        let changed = {
            let app = app.clone();
            move |id| app.hub.changed(id)
        };
        let end = Arc::new(tokio::sync::Notify::new());
        let keeping = keeper::keep(app.office.clone(), live, watched, Arc::clone(stopping), Arc::clone(&end), changed);
        let mut keeper = tokio::spawn(keeping);
        let counting = Counting::start(app.clone());
        let listener = TcpListener::from_std(listener)?;
        let mut stop = Stop::new()?;
        let mut output = std::io::stdout().lock();
        writeln!(output, "listening on http://{}", listener.local_addr()?)?;
        output.flush()?;
        drop(output);
        let served = web::server::serve(listener, app, async move { stop.wait().await }).await;
        stopping.store(true, Ordering::Relaxed);
        // A step that is being taken is taken to its end: ticket, audit, notices.
        end.notify_one();
        if tokio::time::timeout(PATIENCE, &mut keeper).await.is_err() {
            keeper.abort();
        }
        outbox::stop(delivery).await;
        drop(counting);
        Ok(served?)
    })
}

/// How long the end waits for a step that is being taken.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Writes the search log every few seconds, and once more at the end.
struct Counting(Option<(std::sync::mpsc::Sender<()>, std::thread::JoinHandle<()>)>);

impl Counting {
    const EVERY: std::time::Duration = std::time::Duration::from_secs(3);

    fn start(app: web::App) -> Self {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let writer = std::thread::spawn(move || {
            use std::sync::mpsc::RecvTimeoutError::Timeout;
            let mut failing = false;
            loop {
                let goes_on = matches!(stopped.recv_timeout(Self::EVERY), Err(Timeout));
                match app.search_log.flush().and_then(|()| app.views.flush()) {
                    Ok(()) => failing = false,
                    // Said once, not every three seconds.
                    Err(error) if !failing => {
                        failing = true;
                        tracing::warn!(%error, "searches and openings are not being counted on the disk");
                    }
                    Err(_) => {}
                }
                if !goes_on {
                    return;
                }
            }
        });
        Self(Some((stop, writer)))
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        if let Some((stop, writer)) = self.0.take() {
            drop(stop);
            // A writer that panicked has said so on standard error.
            let _ = writer.join();
        }
    }
}

/// SIGTERM from a service manager, SIGINT from a terminal.
struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Stop {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// How long the tree must be quiet before files that no reader waits for are written, and the longest they may wait.
const QUIET: std::time::Duration = std::time::Duration::from_millis(500);
const LONGEST: std::time::Duration = std::time::Duration::from_secs(20);
/// A folder that something else keeps writing to is not made again all the time.
const BETWEEN_MENDINGS: std::time::Duration = std::time::Duration::from_secs(10);

/// What cannot be written is tried again after a while, and `site.toml` is read again for what it waits for.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(1);
/// The longest that a full disk is left alone.
const MUCH_LATER: std::time::Duration = std::time::Duration::from_secs(60);

/// Rebuilds on change until told to stop.
fn follow(mut watch: Watch, mut compilation: Compilation, live: &Live, stopping: &AtomicBool) {
    let stopped = || stopping.load(Ordering::Relaxed);
    let mended = std::cell::Cell::new(None::<std::time::Instant>);
    let rested = || mended.get().is_none_or(|mended| mended.elapsed() > BETWEEN_MENDINGS);
    let damaged = || live.is_damaged() && rested();
    let mut owed = Changes::default();
    // How long until what failed is tried again, unless something changes before.
    let mut pause: Option<std::time::Duration> = None;
    let mut unsettled: Option<std::time::Instant> = None;
    loop {
        watch.attend(compilation.config().logo.as_ref());
        let waiting = compilation.waits_for_the_configuration().then_some(AGAIN);
        let quiet = unsettled.map(|_| QUIET).or(pause).or(waiting);
        let changes = match watch.next_within(quiet, &|| stopped() || damaged()) {
            Seen::Changes(changes) => changes,
            Seen::Nothing if unsettled.is_some() => {
                settle(&mut compilation, live);
                unsettled = None;
                continue;
            }
            Seen::Nothing => Changes { config: pause.is_none(), ..Changes::default() },
            Seen::Stop if !stopped() && damaged() => {
                tracing::warn!("the built site was changed by something else: every file is made again");
                mended.set(Some(std::time::Instant::now()));
                Changes { files: true, ..Changes::default() }
            }
            Seen::Stop => break,
        };
        owed.merge(changes);
        let files = owed.files;
        let started = std::time::Instant::now();
        match compilation.apply(&owed) {
            Ok(built) => {
                (owed, pause) = Default::default();
                let Some(snapshot) = built else { continue };
                let (errors, warnings) = count(&snapshot.diagnostics);
                let took = started.elapsed().as_millis();
                tracing::info!(revision = snapshot.revision, errors, warnings, "rebuilt in {took} ms");
                // Whoever hears of the revision finds it whole.
                if files {
                    live.mended();
                }
                live.store(snapshot);
                if unsettled.get_or_insert(started).elapsed() > LONGEST {
                    settle(&mut compilation, live);
                    unsettled = None;
                }
            }
            Err(error) => {
                tracing::error!(%error, "the change could not be built");
                // A template that fails on a page fails there again until it is edited.
                let may_pass = matches!(error, CompileError::Output(_) | CompileError::Search(_));
                pause = may_pass.then(|| pause.map_or(AGAIN, |last| (last * 2).min(MUCH_LATER)));
            }
        }
    }
    if unsettled.is_some() {
        settle(&mut compilation, live);
    }
}

/// Writes what no reader waits for.
fn settle(compilation: &mut Compilation, live: &Live) {
    match compilation.settle() {
        Ok(Some(manifest)) => live.amend(manifest),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the list of files could not be written"),
    }
}
