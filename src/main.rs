//! The program: reads its arguments and starts what they ask for.

fn main() {}
