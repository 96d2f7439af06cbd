use super::*;
use crate::config::notices::Notices;
use crate::outbound::event::tests::sample;
use crate::outbound::{Delivery, Failure, Target};
use crate::ticket::Occasion;

fn outbox() -> (tempfile::TempDir, Outbox) {
    let dir = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(dir.path());
    (dir, outbox)
}

#[test]
fn an_event_is_prepared_then_released_or_taken_back() {
    let (dir, outbox) = outbox();
    let (filed, replied) = (sample(Occasion::Filed), sample(Occasion::Replied));
    outbox.prepare(&filed).unwrap();
    outbox.prepare(&replied).unwrap();
    assert_eq!((outbox.prepared().unwrap().len(), outbox.waiting().unwrap().len()), (2, 0));
    assert!(outbox.release(&filed.id).unwrap());
    assert!(!outbox.release(&filed.id).unwrap(), "only once");
    assert!(outbox.drop_prepared(&replied.id).unwrap() && !outbox.drop_prepared(&replied.id).unwrap());
    // Another process, or the same after a crash, sees the same.
    let again = Outbox::open(dir.path());
    assert_eq!(again.waiting().unwrap(), [Entry::new(filed)]);
    assert_eq!(again.counts(), Counts { waiting: 1, ..Counts::default() });
}

#[test]
fn who_loses_a_race_takes_back_their_own_and_not_the_winners() {
    let (dir, server) = outbox();
    let event = sample(Occasion::Replied);
    // Two processes, and two requests of one process, all with the same step in the same second.
    let command_line = Outbox::open(dir.path());
    for outbox in [&server, &command_line, &server] {
        outbox.prepare(&event).unwrap();
    }
    assert_eq!(server.prepared().unwrap().len(), 1);
    assert!(command_line.drop_prepared(&event.id).unwrap());
    assert!(server.drop_prepared(&event.id).unwrap());
    assert!(server.release(&event.id).unwrap());
    assert_eq!((server.prepared().unwrap().len(), server.waiting().unwrap()), (0, vec![Entry::new(event)]));
}

#[test]
fn what_a_crash_left_is_decided_on_by_whoever_looks() {
    let (dir, outbox) = outbox();
    let (filed, replied) = (sample(Occasion::Filed), sample(Occasion::Replied));
    for event in [&filed, &filed, &replied] {
        outbox.prepare(event).unwrap();
    }
    let later = Outbox::open(dir.path());
    assert_eq!(later.prepared().unwrap().len(), 2);
    assert!(later.release(&filed.id).unwrap() && later.drop_prepared(&replied.id).unwrap());
    assert_eq!(later.counts(), Counts { waiting: 1, ..Counts::default() });
}

#[test]
fn an_id_cannot_leave_the_directory() {
    let (_dir, outbox) = outbox();
    let event = Event { id: "../../site".to_owned(), ..sample(Occasion::Filed) };
    assert!(matches!(outbox.prepare(&event), Err(OutboxError::BadId(_))));
    assert!(outbox.release("../x").is_err() && outbox.remove("a/b").is_err() && outbox.retry("").is_err());
}

#[test]
fn files_are_for_the_service_alone() {
    let (dir, outbox) = outbox();
    let event = sample(Occasion::Filed);
    outbox.prepare(&event).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir.path().join("outbox")), 0o700);
    let file = fs::read_dir(dir.path().join("outbox/prepared")).unwrap().next().unwrap().unwrap();
    assert_eq!(mode(&file.path()), 0o600);
}

#[test]
fn what_arrived_goes_and_what_was_given_up_is_kept_until_it_is_retried() {
    let (_dir, outbox) = outbox();
    let event = sample(Occasion::Filed);
    outbox.prepare(&event).unwrap();
    outbox.release(&event.id).unwrap();
    let mut entry = outbox.load(&event.id).unwrap().unwrap();
    entry.deliveries = Some([(Target::Mail(0).key(), Delivery::default())].into());
    entry.delivery(&Target::Mail(0)).unwrap().failed(&Failure::hopeless("550 no such user"), event.at, 0.5);
    outbox.settle(&entry).unwrap();
    assert_eq!((outbox.counts().waiting, outbox.counts().dead), (0, 1));
    assert_eq!(outbox.dead().unwrap(), [entry]);
    assert!(outbox.retry(&event.id).unwrap() && !outbox.retry("TS202611230009-0-filed").unwrap());
    assert_eq!((outbox.counts().waiting, outbox.counts().dead), (1, 0));
    let mut entry = outbox.load(&event.id).unwrap().unwrap();
    assert!(entry.delivery(&Target::Mail(0)).unwrap().is_due(event.at));
    entry.delivery(&Target::Mail(0)).unwrap().arrived();
    outbox.settle(&entry).unwrap();
    assert_eq!(outbox.counts(), Counts::default());
}

#[test]
fn what_was_dropped_while_under_way_does_not_come_back() {
    let (_dir, outbox) = outbox();
    let event = sample(Occasion::Filed);
    outbox.prepare(&event).unwrap();
    outbox.release(&event.id).unwrap();
    let mut entry = outbox.load(&event.id).unwrap().unwrap();
    entry.plan(&Notices::default());
    assert!(outbox.remove(&event.id).unwrap());
    outbox.settle(&entry).unwrap();
    assert_eq!(outbox.counts(), Counts::default());
}

#[test]
fn it_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = Outbox::bounded(dir.path(), 2, 1);
    let events = [Occasion::Filed, Occasion::Replied, Occasion::Asked].map(sample);
    outbox.prepare(&events[0]).unwrap();
    outbox.prepare(&events[1]).unwrap();
    assert!(matches!(outbox.prepare(&events[2]), Err(OutboxError::Full)));
    for event in &events[..2] {
        outbox.release(&event.id).unwrap();
        let mut entry = Entry::new(event.clone());
        entry.deliveries = Some([(Target::Mail(0).key(), Delivery::default())].into());
        entry.delivery(&Target::Mail(0)).unwrap().failed(&Failure::hopeless("550"), event.at, 0.5);
        outbox.settle(&entry).unwrap();
    }
    assert_eq!(outbox.counts().dead, 1);
}

#[test]
fn a_broken_file_hides_no_other_and_a_half_written_one_is_swept() {
    let (dir, outbox) = outbox();
    let event = sample(Occasion::Filed);
    outbox.prepare(&event).unwrap();
    fs::write(dir.path().join("outbox/prepared/broken.json"), "{").unwrap();
    fs::write(dir.path().join("outbox/prepared/.1-1.tmp"), "{").unwrap();
    assert_eq!(outbox.prepared().unwrap(), [event]);
    outbox.sweep("2000-01-01T00:00:00Z".parse().unwrap());
    assert!(dir.path().join("outbox/prepared/.1-1.tmp").exists(), "it may be another process's");
    outbox.sweep("2100-01-01T00:00:00Z".parse().unwrap());
    assert!(!dir.path().join("outbox/prepared/.1-1.tmp").exists());
}

#[test]
fn erasing_a_ticket_leaves_the_others() {
    let (_dir, outbox) = outbox();
    let event = sample(Occasion::Filed);
    let mut other = sample(Occasion::Replied);
    other.ticket.id = "TS202611230002".parse().unwrap();
    outbox.prepare(&event).unwrap();
    outbox.prepare(&other).unwrap();
    outbox.release(&event.id).unwrap();
    assert_eq!(outbox.erase(event.ticket.id).unwrap(), 1);
    assert_eq!((outbox.counts().waiting, outbox.prepared().unwrap()), (0, vec![other]));
}
