//! Runs in little memory: the same outcome, and nothing left behind.

use std::fs;
use std::sync::Mutex;

use serde_json::json;

use twicetold::Result;
use twicetold::memory::{Memory, Spill};

use crate::program::Place;

/// A medium that is memory, too.
#[derive(Default)]
struct Pretended(Mutex<Vec<u8>>);

impl Spill for Pretended {
    fn append(&self, bytes: &[u8]) -> Result<u64> {
        let mut all = self.0.lock().expect("no test panics with it");
        let at = all.len() as u64;
        all.extend_from_slice(bytes);
        Ok(at)
    }

    fn replace(&self, at: u64, bytes: &[u8]) -> Result<()> {
        let mut all = self.0.lock().expect("no test panics with it");
        all[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn read(&self, at: u64, bytes: &mut [u8]) -> Result<()> {
        let all = self.0.lock().expect("no test panics with it");
        bytes.copy_from_slice(&all[at as usize..at as usize + bytes.len()]);
        Ok(())
    }
}

/// Memory in which hardly anything can be held.
pub(crate) fn nearly_none() -> Memory {
    Memory::limited(1, Box::new(Pretended::default()))
}

/// Articles of some hundred words, every third of which is told twice.
fn articles(count: usize) -> String {
    let text = |number: usize| {
        let words = (0..400).map(|at| format!("w{}", (number * 7919 + at * at) % 50_000));
        words.collect::<Vec<_>>().join(" ")
    };
    let line = |number: usize| {
        let (of, more) =
            if number.is_multiple_of(3) { (number / 2, " again") } else { (number, "") };
        json!({"id": number, "text": text(of) + more}).to_string() + "\n"
    };
    (0..count).map(line).collect()
}

#[test]
fn the_outcome_does_not_depend_on_the_memory() {
    let place = Place::new();
    place.write("a.jsonl", articles(1500)).write("tmp/other", "");
    for engine in ["exact", "minhash"] {
        let run = |out: &str, memory: &str| {
            let args = ["dedup", "a.jsonl", "--engine", engine, "--out", out, "--overwrite"];
            let limits = ["--memory", memory, "--temp-dir", "tmp"];
            place.run(&[&args[..], &limits[..]].concat()).ok();
        };
        run("much", "8G");
        // In 6 MB sets are held until records and indexes need the room.
        run("some", "6M");
        run("little", "1");
        for output in ["removed.jsonl", "clusters.jsonl", "related.jsonl", "kept/a.jsonl"] {
            let of = |out: &str| place.read(&format!("{out}/{output}"));
            for less in ["some", "little"] {
                assert!(of("much") == of(less), "{engine}: {output} differs in {less} memory");
            }
        }
        assert_eq!(place.read("much/removed.jsonl").lines().count(), 250, "{engine}");
    }
    let left: Vec<_> = fs::read_dir(place.path("tmp")).expect("a folder").collect();
    assert_eq!(left.len(), 1, "nothing is left behind: {left:?}");
}

#[test]
fn where_nothing_can_be_spilled_nothing_is_written() {
    let place = Place::new();
    place.write("a.jsonl", articles(1500)).write("file", "");
    let args = ["dedup", "a.jsonl", "--out", "out", "--memory", "1", "--temp-dir", "file"];
    let ran = place.run(&args);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    ran.says(&["file: cannot hold here what does not fit into memory", "--temp-dir", "--memory"]);
    assert!(!place.path("out").exists(), "the output is whole or absent");
}

#[test]
fn one_text_may_be_longer_than_a_block() {
    let place = Place::new();
    let long: String = (0..300_000).map(|at| format!("w{at} ")).collect();
    let lines = [&long, &(long.clone() + "end"), "short text of ten words or more than that many"]
        .map(|text| json!({ "text": text }).to_string());
    place.write("a.jsonl", lines.join("\n"));
    for memory in ["8G", "1"] {
        let args = ["dedup", "a.jsonl", "--out", "out", "--overwrite", "--memory", memory];
        place.run(&args).ok().says(&["3 articles", "1 removed"]);
    }
}
