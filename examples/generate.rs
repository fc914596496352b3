//! Writes a news-like corpus and the truth about it.
//!
//! ```text
//! cargo run --release --example generate -- --n 1000000 --out PREFIX [--seed 7] [--shape news] [--gold]
//! ```
//!
//! Shapes: `news`, `boilerplate` (one paragraph in every article), `same` (all
//! articles identical), `templates` (a hundred of them), `heavy-tail` (stories
//! of up to a tenth of the corpus). What is written where is told in
//! `benches/news/write.rs`.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Parser;

#[path = "../benches/news/mod.rs"]
mod news;

use news::{Corpus, Shape, write};

/// Writes a news-like corpus and the truth about it.
#[derive(Parser)]
struct Arguments {
    /// How many articles.
    #[arg(long, value_name = "COUNT")]
    n: u32,
    /// The corpus is PREFIX.jsonl, its gold files begin with PREFIX too.
    #[arg(long, value_name = "PREFIX")]
    out: PathBuf,
    /// Another seed, another corpus.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// news, boilerplate, same, templates or heavy-tail.
    #[arg(long, default_value = "news")]
    shape: String,
    /// Write the gold files too.
    #[arg(long)]
    gold: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let Some(&(_, shape)) = Shape::ALL.iter().find(|(name, _)| *name == arguments.shape) else {
        bail!("{}: not a shape; they are {:?}", arguments.shape, Shape::ALL.map(|(name, _)| name));
    };
    let start = Instant::now();
    let corpus = Corpus::new(shape, arguments.n, arguments.seed);
    let bytes = write::records(&corpus, &arguments.out)?;
    if arguments.gold {
        write::gold(&corpus, &arguments.out)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{} articles, {} MB, {seconds:.1} s", arguments.n, bytes / 1_000_000);
    Ok(())
}
