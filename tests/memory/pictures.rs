//! A picture that would take gigabytes is refused before it takes any.

use std::process::Command;
use std::sync::Arc;

use bazaar::clock::{Chance, Clock};
use bazaar::domain::time::Timestamp;
use bazaar::services::media::{Folder, Media, NoPicture, Uploads};
use bazaar::store::committer::Committer;

use crate::bomb::bombs;
use crate::support::faulty::Faulty;

const SIDE: u16 = 30_000;
/// All that the process may ever have in hand.
const MOST_KB: u64 = 64 << 10;

/// In a process of its own, where nothing else counts.
#[test]
fn a_picture_of_900_million_pixels_is_refused_in_64_mb() {
    let itself = std::env::current_exe().expect("a test knows where it is");
    let child = Command::new(itself)
        .args([
            "--ignored",
            "--exact",
            "pictures::refused_in_this_process",
            "--nocapture",
        ])
        .output()
        .expect("a test can be run again");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&child.stderr)
    );
    assert!(said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "what other tests hold would be counted with it"]
async fn refused_in_this_process() {
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let service = Folder::open(folder.path()).expect("a folder can be made");
    let (committer, _) = Committer::new(Arc::new(Faulty::new()), 1);
    let clock = Clock::fixed(Timestamp::from_millis(0));
    let uploads = Uploads::new(committer, clock, Chance::seeded(1));
    let media = Media::at(Arc::new(service), uploads);
    for (what, bomb) in bombs(SIDE) {
        assert_eq!(
            media.read(bomb.into(), None).await,
            Err(NoPicture::TooManyPixels),
            "{what}"
        );
    }
    let most = most_kb();
    println!("at most {most} kB were in hand");
    assert!(most < MOST_KB, "{most} kB were in hand");
}

/// The most memory that this process ever had in hand.
fn most_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let most = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    most.expect("the high-water mark of the resident set")
}
