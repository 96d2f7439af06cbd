use std::sync::Mutex;

use jiff::SignedDuration;

use super::*;
use crate::outbound::event::tests::sample;
use crate::outbound::{Counts, Event, Memory};
use crate::ticket::Occasion;

/// A worker's world: a folder, a clock that is set by hand, and a memory of what was sent.
struct World {
    _dir: tempfile::TempDir,
    outbox: Outbox,
    memory: Memory,
    now: Arc<Mutex<Timestamp>>,
    around: Surroundings,
}

const MAIL: &str = "[notices.mail]\nserver = \"localhost\"\nsecurity = \"none\"\nfrom = \"it@example.com\"\n";
const HOOK: &str =
    "[[notices.webhooks]]\nkind = \"wecom\"\nname = \"chat\"\nurl_env = \"X\"\nevents = [\"filed\", \"replied\"]\n";

impl World {
    fn new(notices: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(dir.path(), &format!("title = \"T\"\n{notices}")).unwrap();
        let config = Arc::new(config);
        let memory = Memory::default();
        let now = Arc::new(Mutex::new("2026-11-23T01:30:00Z".parse().unwrap()));
        let clock = Arc::clone(&now);
        let around = Surroundings {
            config: Arc::new(move || Arc::clone(&config)),
            clock: Arc::new(move || *clock.lock().unwrap()),
            jitter: Arc::new(|| 0.5),
            senders: Senders::Memory(memory.clone()),
        };
        Self { outbox: Outbox::open(dir.path()), _dir: dir, memory, now, around }
    }

    fn release(&self, event: &Event) {
        self.outbox.prepare(event).unwrap();
        assert!(self.outbox.release(&event.id).unwrap());
    }

    fn pass(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    async fn deliver(&self) -> Vec<String> {
        assert!(once(self.outbox.clone(), self.around.clone()).await.unwrap());
        self.memory.sent().into_iter().map(|sent| sent.to).collect()
    }
}

#[tokio::test]
async fn everybody_is_told_once() {
    let world = World::new(&format!("{MAIL}{HOOK}"));
    world.release(&sample(Occasion::Filed));
    world.outbox.prepare(&sample(Occasion::Accepted)).unwrap();
    let mut told = world.deliver().await;
    told.sort();
    assert_eq!(told, ["chat", "wang@example.com"]);
    assert_eq!(world.deliver().await.len(), 2, "nothing is sent again");
    let counts = world.outbox.counts();
    assert_eq!(counts, Counts { prepared: 1, sent_total: 2, ..Counts::default() });
}

#[tokio::test]
async fn who_was_not_reached_is_tried_again_and_the_others_are_not() {
    let world = World::new(&format!("{MAIL}{HOOK}"));
    world.memory.refuse("chat", Failure::new("stalled"));
    world.memory.refuse("chat", Failure::new("stalled"));
    world.release(&sample(Occasion::Filed));
    assert_eq!(world.deliver().await, ["wang@example.com"]);
    world.pass(29);
    assert_eq!(world.deliver().await.len(), 1, "not yet");
    world.pass(1);
    assert_eq!(world.deliver().await.len(), 1, "refused again");
    world.pass(119);
    assert_eq!(world.deliver().await.len(), 1);
    world.pass(1);
    assert_eq!(world.deliver().await, ["wang@example.com", "chat"]);
    assert_eq!(world.outbox.counts().waiting, 0);
}

#[tokio::test]
async fn a_clock_that_was_set_back_holds_nothing_up() {
    let world = World::new(HOOK);
    world.memory.refuse("chat", Failure::new("stalled"));
    world.release(&sample(Occasion::Filed));
    assert!(world.deliver().await.is_empty());
    world.pass(-48 * 3_600);
    assert_eq!(world.deliver().await, ["chat"]);
}

#[tokio::test]
async fn what_never_arrives_becomes_a_dead_letter_and_can_be_retried() {
    let world = World::new(&format!("{MAIL}{HOOK}"));
    let event = sample(Occasion::Filed);
    for _ in 0..13 {
        world.memory.refuse("chat", Failure::new("410 Gone"));
    }
    world.release(&event);
    for _ in 0..13 {
        assert_eq!(world.deliver().await, ["wang@example.com"]);
        world.pass(6 * 3_600);
    }
    assert_eq!((world.outbox.counts().waiting, world.outbox.counts().dead), (0, 1));
    let dead = &world.outbox.dead().unwrap()[0];
    assert_eq!(dead.deliveries.as_ref().unwrap()["webhook:chat"].error, "410 Gone");
    assert!(world.outbox.retry(&event.id).unwrap());
    assert_eq!(world.deliver().await, ["wang@example.com", "chat"]);
}

#[tokio::test]
async fn many_events_become_one_message() {
    let world = World::new(HOOK);
    for index in 0..30 {
        let mut event = sample(Occasion::Replied);
        event.id = format!("TS202611230001-{index}-replied-0");
        world.release(&event);
    }
    world.deliver().await;
    let sizes: Vec<_> = world.memory.sent().iter().map(|sent| sent.events.len()).collect();
    assert_eq!(sizes, [20, 10]);
}

#[tokio::test]
async fn who_cannot_be_reached_at_all_is_counted() {
    let world = World::new("");
    world.release(&sample(Occasion::Filed));
    assert!(world.deliver().await.is_empty());
    assert_eq!(world.outbox.counts(), Counts { skipped_total: 1, ..Counts::default() });
}

#[tokio::test]
async fn a_receiver_that_left_site_toml_is_forgotten() {
    let world = World::new(HOOK);
    let mut entry = Entry::new(sample(Occasion::Filed));
    world.release(&entry.event);
    entry.deliveries = Some(["webhook:old", "mail:0"].map(|key| (key.to_owned(), Default::default())).into());
    world.outbox.settle(&entry).unwrap();
    assert!(world.deliver().await.is_empty());
    assert_eq!(world.outbox.counts().waiting, 0);
}

#[tokio::test]
async fn the_worker_wakes_when_something_is_released_and_stops_when_asked() {
    let world = World::new(HOOK);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = tokio::spawn(run(world.outbox.clone(), world.around.clone(), async {
        let _ = stopped.await;
    }));
    world.release(&sample(Occasion::Filed));
    let arrived = async {
        while world.outbox.counts().waiting > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), arrived).await.unwrap();
    assert_eq!(world.memory.sent().len(), 1);
    assert!(!once(world.outbox.clone(), world.around.clone()).await.unwrap(), "the worker has its turn");
    stop.send(()).unwrap();
    worker.await.unwrap();
    assert!(once(world.outbox.clone(), world.around.clone()).await.unwrap());
}
