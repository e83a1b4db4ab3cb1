//! The pure code by the clock: `cargo bench -p televent-bench`.

use criterion::{Criterion, criterion_group, criterion_main};
use televent_bench::pure::{CASES, work};

fn calendar(criterion: &mut Criterion) {
    for case in CASES {
        let work = work(case).expect("a case of the list is there");
        criterion.bench_function(case, |bencher| bencher.iter(&work));
    }
}

criterion_group!(benches, calendar);
criterion_main!(benches);
