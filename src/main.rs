//! The command line of `twicetold`.

fn main() {}
