//! Taking, renewing and giving back one lock file.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::info::{Info, TTL};
use crate::environment::Environment;
use crate::errors::{Failure, LOCK_TIMEOUT, Result};
use crate::files;
use crate::log::{self, Level};
use crate::session::Session;

/// The category of log lines about locks.
pub const CATEGORY: &str = "datastore lock";
/// How long a command waits for a lock, unless the environment says otherwise.
const TIMEOUT: u64 = 60_000;
const FIRST_PAUSE: Duration = Duration::from_millis(1000);
const LONGEST_PAUSE: Duration = Duration::from_millis(8000);

/// How long a command waits for a lock.
pub fn timeout(env: &Environment) -> Duration {
    let text = env.get("SWAMP_LOCK_TIMEOUT_MS").unwrap_or_default();
    let digits: String = text
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let wanted = digits.parse().ok().filter(|wanted| *wanted > 0);
    Duration::from_millis(wanted.unwrap_or(TIMEOUT))
}

/// The failure of a command that has waited long enough. `name` is what it calls the lock.
pub fn timed_out(name: &str, holder: Option<&Info>, waited: Duration) -> Failure {
    let held = holder.map_or(String::new(), |info| {
        format!(" held by {} (pid {})", info.holder, info.pid)
    });
    let hint = if name == ".datastore.lock" || name.ends_with("/.datastore.lock") {
        "\n\nMultiple repos sharing this datastore serialize all writes behind a single global lock. To scope each repo \
         to its own lock and index, run:\n  swamp datastore namespace set <name>\n  swamp datastore namespace migrate \
         --confirm"
    } else {
        ""
    };
    let waited = waited.as_millis();
    Failure::coded(
        LOCK_TIMEOUT,
        format!("Lock \"{name}\"{held} — timed out after {waited}ms{hint}"),
    )
}

/// A lock file, be it there or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockFile(pub PathBuf);

impl LockFile {
    /// Who holds it, if anybody does.
    pub fn holder(&self) -> Option<Info> {
        Info::read(&self.0)
    }

    /// Takes it away from whoever holds it with this nonce. Gives whether that was so.
    pub fn force_release(&self, nonce: &str) -> Result<bool> {
        if self.holder().is_none_or(|info| info.nonce != nonce) {
            return Ok(false);
        }
        self.remove()?;
        Ok(true)
    }

    /// Removes the file, whatever is in it.
    pub fn remove(&self) -> Result<()> {
        files::remove_if_there(&self.0)
    }

    /// Takes it; waits while somebody else holds it, and takes it away from those who are gone.
    pub fn acquire(self, session: &mut Session) -> Result<Held> {
        files::ensure_dir(self.0.parent().unwrap_or(Path::new(".")))?;
        let nonce = uuid::Uuid::new_v4().to_string();
        let (start, patience) = (Instant::now(), timeout(&session.env));
        let shown = log::quote(&self.0.to_string_lossy());
        let mut retries = 0;
        let mut pause = FIRST_PAUSE;
        loop {
            let waited = start.elapsed();
            if waited >= patience {
                let name = self.0.to_string_lossy();
                return Err(timed_out(&name, self.holder().as_ref(), waited));
            }
            match self.create(&Info::own(&session.env, &nonce)) {
                Ok(()) => break,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Failure::io(&self.0, &error)),
            }
            retries += 1;
            if let Some(holder) = self.holder() {
                if holder.is_stale() {
                    // Whoever was faster has it now: the next attempt will tell.
                    let _ = fs::remove_file(&self.0);
                    continue;
                }
                if retries == 1 {
                    let message = format!(
                        "Waiting for lock {shown} held by {} (pid {}, acquired {}ms ago)",
                        log::quote(&holder.holder),
                        holder.pid,
                        holder.age()
                    );
                    session.output.log(Level::Warning, CATEGORY, &message);
                }
            }
            thread::sleep(pause.min(patience.saturating_sub(start.elapsed())));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        if retries > 0 {
            let waited = start.elapsed().as_millis();
            let message = format!("Acquired lock {shown} after {retries} retries ({waited}ms)");
            session.output.info(CATEGORY, &message);
        }
        Ok(Held::new(self, nonce, session.env.clone()))
    }

    fn create(&self, info: &Info) -> io::Result<()> {
        File::create_new(&self.0)?.write_all(info.to_json().as_bytes())
    }
}

/// A lock that this process holds and renews. It is given back when this is dropped.
#[derive(Debug)]
pub struct Held {
    file: LockFile,
    nonce: String,
    stop: Option<Sender<()>>,
    heart: Option<JoinHandle<()>>,
}

impl Held {
    fn new(file: LockFile, nonce: String, env: Environment) -> Self {
        let (stop, stopped) = mpsc::channel();
        let (path, own) = (file.0.clone(), nonce.clone());
        let heart = thread::spawn(move || {
            let beat = Duration::from_millis(TTL / 3);
            while stopped.recv_timeout(beat) == Err(RecvTimeoutError::Timeout) {
                // Who took the lock away keeps it.
                if Info::read(&path).is_none_or(|info| info.nonce != own) {
                    break;
                }
                // A lock that cannot be renewed expires; the next beat tries again.
                let _ = fs::write(&path, Info::own(&env, &own).to_json());
            }
        });
        Self {
            file,
            nonce,
            stop: Some(stop),
            heart: Some(heart),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(heart) = self.heart.take() {
            // A heart that panicked has said so; there is nothing left to renew.
            let _ = heart.join();
        }
        // A lock that stays expires.
        let _ = self.file.force_release(&self.nonce);
    }
}
