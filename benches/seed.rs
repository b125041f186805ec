//! How long does it take to fill a shop with a hundred thousand products? At most a minute is asked
//! of it on two cores; under test a thousand are put up, to see that it can be done.

use std::process::Command;
use std::time::Instant;

const ASKED_SECONDS: f64 = 60.0;

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let many = if measured { 100_000 } else { 1_000 };
    let folder = tempfile::tempdir().expect("the machine gives a folder");
    let started = Instant::now();
    let done = Command::new(env!("CARGO_BIN_EXE_bazaar"))
        .current_dir(folder.path())
        .args([
            "seed",
            "--products",
            &many.to_string(),
            "--set",
            "auth.bcrypt_cost=4",
        ])
        .output()
        .expect("the binary is there");
    let seconds = started.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(
        said.contains(&format!("{} products", many + 60)),
        "all of it was really done: {said}"
    );
    println!("seed: {many} products and the demo in {seconds:.1} s, wanted {ASKED_SECONDS} s for 100000");
}
