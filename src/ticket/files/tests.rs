use super::*;

#[test]
fn a_flush_that_failed_closes_the_door_until_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::new(dir.path());
    let full = || DiskError::Io { action: "write", path: "x".into(), source: std::io::ErrorKind::StorageFull.into() };
    assert!(files.guarded::<()>(|| Err(full().into())).is_err());
    assert!(files.stage(Limits { count: 1, size: 1 }).is_ok(), "a full disk is no reason to stop for ever");
    let lost = DiskError::Sync { path: "x".into(), source: std::io::Error::other("I/O error") };
    assert!(files.guarded::<()>(|| Err(lost.into())).is_err());
    let refused = files.stage(Limits { count: 1, size: 1 });
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    assert!(files.is_read_only() && files.list().unwrap().is_empty(), "reading goes on");
    assert!(!Files::new(dir.path()).is_read_only());
}
