//! Answers, one a line, from a terminal or a file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use twicetold::Error;
use twicetold::visible::excerpt;
use twicetold::watch::Watch;

/// The longest answer that is read as one.
const ANSWER_BYTES_MAX: u64 = 1024;

/// How much of a wrong answer is quoted.
const QUOTED_CHARS_MAX: usize = 20;

/// How often is looked whether the user wants to stop: soon enough for Ctrl-C.
const STOP_CHECK: Duration = Duration::from_millis(100);

/// What somebody says of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Both are the same, or not.
    Label(bool),
    /// It is not to be told.
    Skip,
    /// No more questions.
    Quit,
}

/// Where answers come from.
pub(super) struct Answers {
    /// Read by a thread of its own: a read from a terminal cannot be ended
    /// otherwise.
    lines: Receiver<io::Result<Vec<u8>>>,
    /// Someone is asked, and asked again after a slip of the finger.
    asks: bool,
}

impl Answers {
    /// From the terminal.
    pub(super) fn of_terminal() -> Self {
        Self { lines: lines_of(BufReader::new(io::stdin())), asks: true }
    }

    /// From a file, or stdin if it is called `-`.
    pub(super) fn of_file(path: &Path) -> Result<Self> {
        let source: Box<dyn Read + Send> = match path == Path::new("-") {
            true => Box::new(io::stdin()),
            false => Box::new(File::open(path).map_err(Error::io("cannot read", path))?),
        };
        Ok(Self { lines: lines_of(BufReader::new(source)), asks: false })
    }

    /// The next answer; the end of all answers is [`Answer::Quit`].
    ///
    /// # Errors
    /// The system's; [`Error::Interrupted`]; a line of a file that is no answer.
    pub(super) fn next(&self, watch: &dyn Watch) -> Result<Answer> {
        loop {
            if self.asks {
                let mut stderr = io::stderr().lock();
                let _ = write!(stderr, "the same? (y)es, (n)o, (s)kip, (q)uit: ");
                let _ = stderr.flush();
            }
            let line = loop {
                watch.check()?;
                match self.lines.recv_timeout(STOP_CHECK) {
                    Ok(line) => break line.context("cannot read the answer")?,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return Ok(Answer::Quit),
                }
            };
            let word = String::from_utf8_lossy(&line).trim().to_lowercase();
            match &*word {
                "y" | "yes" => return Ok(Answer::Label(true)),
                "n" | "no" => return Ok(Answer::Label(false)),
                "s" | "skip" => return Ok(Answer::Skip),
                "q" | "quit" => return Ok(Answer::Quit),
                _ if self.asks => {}
                word => bail!("`{}` is no answer: y, n, s or q", excerpt(word, QUOTED_CHARS_MAX)),
            }
        }
    }
}

/// The lines of a source, each read when the one before was taken.
fn lines_of(mut source: impl BufRead + Send + 'static) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, lines) = sync_channel(0);
    thread::spawn(move || {
        loop {
            let mut line = Vec::new();
            let read = (&mut source).take(ANSWER_BYTES_MAX).read_until(b'\n', &mut line);
            let is_over = !matches!(read, Ok(1..));
            let line = match read {
                Ok(0) => return,
                Ok(_) => Ok(line),
                Err(error) => Err(error),
            };
            if sender.send(line).is_err() || is_over {
                return;
            }
        }
    });
    lines
}
