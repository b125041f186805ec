//! What can befall a folder: a second process, a disk that fails.

use std::path::Path;
use std::process::Command;

use bazaar::store::embedded::Embedded;
use bazaar::store::{Outcome, Store};
use bson::doc;

use crate::child;
use crate::documents::{COLLECTIONS, THINGS, id, make};
use crate::opened::Opened;

const COMMITS: u32 = 8;
/// More than the child ever makes.
const SYNCS_MAX: u32 = 100;

#[tokio::test]
async fn a_second_process_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Embedded::open(folder.path()).unwrap();
    let said = said(child::running(
        "embedded_faults::a_second_process",
        &name(folder.path()),
    ));
    assert!(said.contains("in use by another process"), "{said}");
}

#[test]
#[ignore = "another process, started by a test"]
fn a_second_process() {
    let Some(folder) = child::place() else { return };
    match Embedded::open(Path::new(&folder)) {
        Ok(_) => println!("it was opened"),
        Err(error) => println!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_after_a_failed_sync_and_nothing_acknowledged_is_lost() {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("skipped: there is no strace");
        return;
    }
    let mut failures = 0;
    for which in 1..=SYNCS_MAX {
        let folder = tempfile::tempdir().unwrap();
        drop(Opened::in_folder(folder.path()).await);
        let writes = child::running(
            "embedded_faults::writes_until_the_disk_fails",
            &name(folder.path()),
        );
        let said = said(failing_sync(which, &writes));
        if said.contains("cannot be opened") {
            continue; // the disk failed before there was anything to lose
        }
        assert!(said.contains("done"), "sync {which}: {said}");
        let failed = said.lines().position(|line| line.starts_with("not stored"));
        match failed {
            Some(first) => {
                failures += 1;
                let after = said.lines().skip(first).find(|line| line.starts_with("stored"));
                assert_eq!(after, None, "sync {which}: {said}");
                assert!(said.contains("health: false"), "sync {which}: {said}");
            }
            None if failures > 0 => break, // the disk would have failed after the last commit
            None => {}
        }
        let opened = Opened::in_folder(folder.path()).await;
        let acknowledged = said.lines().filter_map(|line| line.strip_prefix("stored "));
        let things = acknowledged.map(|n| (&THINGS, id(n.parse().unwrap()).into()));
        let versions = opened.store.versions(things.collect()).await.unwrap();
        assert!(
            versions.iter().all(|version| *version == 1),
            "sync {which}: {said}\n{versions:?}"
        );
        let next = opened.commit(make(1_000, doc! {})).await;
        assert!(
            matches!(next, Outcome::Stored),
            "a new start stores again: {next:?}"
        );
    }
    assert!(failures > 3, "the disk failed under {failures} commits only");
}

#[test]
#[ignore = "another process, started by a test"]
fn writes_until_the_disk_fails() {
    let Some(folder) = child::place() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = match Embedded::open(Path::new(&folder)) {
            Ok(store) => store,
            Err(error) => return println!("{error}"),
        };
        if let Err(error) = store.prepare(COLLECTIONS).await {
            return println!("it cannot be opened: {error}");
        }
        for n in 0..COMMITS {
            match store.commit(vec![make(n, doc! { "n": n })]).await.remove(0) {
                Outcome::Stored => println!("stored {n}"),
                other => println!("not stored {n}: {other:?}"),
            }
        }
        println!("health: {}", store.health().await.is_ok());
        println!("done");
    });
}

/// The same command with the n-th sync of the disk failing, and only that one.
fn failing_sync(which: u32, command: &Command) -> Command {
    let mut traced = Command::new("strace");
    traced
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"])
        .args(["-e", &format!("inject=fsync,fdatasync:error=EIO:when={which}")])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        traced.env(name, value.unwrap_or_default());
    }
    traced
}

fn said(mut command: Command) -> String {
    let output = command.output().expect("a process that starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn name(folder: &Path) -> String {
    folder.display().to_string()
}
