//! The binary: an allocator, and the command line.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Many small things are made and dropped on many threads; the system's allocator is slow at it.
/// Huge pages are left out: with them an idle shop held 47 MB, without them 28.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    bazaar::cli::run()
}
