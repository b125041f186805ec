//! How long is it from the start of the process to its first answer, on an empty folder, and how
//! much memory does it hold then? At most 100 ms and 32 MB are asked of it.

#[path = "support/binary.rs"]
mod binary;

use std::time::Duration;

use binary::Binary;
use criterion::{Criterion, criterion_group, criterion_main};

fn start(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("start");
    group.sample_size(10).warm_up_time(Duration::from_millis(1));
    let mut resident_kb_max = 0;
    group.bench_function("to the first answer on an empty folder", |bencher| {
        bencher.iter_custom(|times| {
            let mut took = Duration::ZERO;
            for _ in 0..times {
                let binary = Binary::start(&[]);
                took += binary.to_first_answer;
                let resident_kb = binary.resident_kb();
                assert!(resident_kb > 0, "nobody is at {} any more", binary.address);
                resident_kb_max = resident_kb_max.max(resident_kb);
            }
            took
        });
    });
    group.finish();
    println!("resident after the first answer: at most {resident_kb_max} kB");
}

criterion_group!(benches, start);
criterion_main!(benches);
