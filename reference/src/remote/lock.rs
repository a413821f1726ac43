//! Locks in the bucket: objects that only one can create.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::bucket::{Answer, Bucket};
use crate::cloud::Cloud;
use crate::environment::Environment;
use crate::errors::LOCK_TIMEOUT;
use crate::faults::Fault;
use crate::lock::{self, Info, key};
use crate::problem::Problem;
use crate::quirks::Quirk;
use crate::session::Session;

const PAUSE: Duration = Duration::from_secs(1);
/// How long to wait after a lock was taken away from somebody who is gone.
const AFTER_STEALING: Duration = Duration::from_millis(200);

/// A lock, be it held or not.
#[derive(Clone)]
pub struct Lock {
    bucket: Arc<dyn Bucket>,
    /// The key of its object.
    pub key: String,
    /// Whether to wait for it in vain is a crash.
    crashes: bool,
}

impl Lock {
    /// The lock of a namespace; in solo mode that of the root.
    pub fn global(bucket: &Arc<dyn Bucket>, namespace: Option<&str>, session: &Session) -> Self {
        let namespace = match session.faults.on(Fault::LockKeyWithoutNamespace) {
            true => None,
            false => namespace,
        };
        Self {
            bucket: Arc::clone(bucket),
            key: key::global(namespace),
            crashes: session.quirks.on(Quirk::LockTimeoutCrashes),
        }
    }

    /// The lock of a model.
    pub fn of_model(
        bucket: &Arc<dyn Bucket>,
        namespace: Option<&str>,
        model_type: &str,
        model_id: &str,
        session: &Session,
    ) -> Self {
        Self {
            bucket: Arc::clone(bucket),
            key: key::model(namespace, model_type, model_id),
            crashes: session.quirks.on(Quirk::LockTimeoutCrashes),
        }
    }

    /// What its object says, or why that cannot be read.
    pub fn read(&self) -> Answer<Option<(Info, Option<String>)>> {
        match self.bucket.get(&self.key) {
            Ok(object) => {
                let info = serde_json::from_slice(&object.bytes);
                Ok(info.ok().map(|info| (info, object.version)))
            }
            Err(problem) if problem.is_missing() => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// Who holds it. What cannot be read counts as nobody.
    pub fn holder(&self) -> Option<Info> {
        self.read().ok().flatten().map(|(info, _)| info)
    }

    /// Takes it away from whoever holds it with this nonce. Gives whether that was so.
    pub fn force_release(&self, nonce: &str) -> Answer<bool> {
        let Some((info, version)) = self.read().ok().flatten() else {
            return Ok(false);
        };
        if info.nonce != nonce {
            return Ok(false);
        }
        self.bucket.delete(&self.key, version.as_deref())?;
        Ok(true)
    }

    /// Takes it; waits while somebody else holds it, and takes it away from those who are gone.
    pub fn acquire(&self, env: &Environment) -> Answer<Held> {
        let nonce = uuid::Uuid::new_v4().to_string();
        let (start, patience) = (Instant::now(), lock::timeout(env));
        loop {
            if start.elapsed() >= patience {
                return Err(self.timed_out(start.elapsed()));
            }
            let info = Info::own(env, &nonce).to_json();
            if let Some(version) = self.bucket.create(&self.key, info.as_bytes())? {
                return Ok(Held::new(self.clone(), nonce, version, env.clone()));
            }
            if let Some(holder) = self.holder()
                && let Some(head) = self.bucket.head(&self.key)?
                && let Some(modified) = head.modified
            {
                let age = Timestamp::now().duration_since(modified).as_millis();
                if age > i128::from(holder.ttl_ms) {
                    // Whoever was faster has it now: the next attempt will tell.
                    let _ = self.bucket.delete(&self.key, head.version.as_deref());
                    thread::sleep(AFTER_STEALING);
                    continue;
                }
            }
            thread::sleep(PAUSE.min(patience.saturating_sub(start.elapsed())));
        }
    }

    fn timed_out(&self, waited: Duration) -> Problem {
        let holder = self.holder();
        let held = holder.as_ref().map_or(String::new(), |info| {
            format!(" held by {} (pid {})", info.holder, info.pid)
        });
        let waited = waited.as_millis();
        let shown = holder.map_or("null".to_owned(), |info| {
            format!(
                "{{\n    holder: \"{}\",\n    hostname: \"{}\",\n    pid: {},\n    acquiredAt: \"{}\",\n    ttlMs: {},\n    \
                 nonce: \"{}\"\n  }}",
                info.holder, info.hostname, info.pid, info.acquired_at, info.ttl_ms, info.nonce
            )
        });
        Problem {
            details: Some(format!(
                "  lockKey: \"{}\",\n  holder: {shown},\n  waitedMs: {waited}\n}}",
                self.key
            )),
            name: "LockTimeoutError".to_owned(),
            code: (!self.crashes).then(|| LOCK_TIMEOUT.to_owned()),
            ..Problem::of(format!(
                "Lock \"{}\"{held} — timed out after {waited}ms",
                self.key
            ))
        }
    }
}

/// A lock that this process holds and renews.
pub struct Held {
    lock: Lock,
    nonce: String,
    /// The version of the object that this process wrote last.
    version: Arc<Mutex<Option<String>>>,
    stop: Option<Sender<()>>,
    heart: Option<JoinHandle<()>>,
}

impl Held {
    fn new(lock: Lock, nonce: String, version: Option<String>, env: Environment) -> Self {
        let (stop, stopped) = mpsc::channel();
        let version = Arc::new(Mutex::new(version));
        let (beaten, known, own) = (lock.clone(), Arc::clone(&version), nonce.clone());
        let heart = thread::spawn(move || {
            let beat = Duration::from_millis(crate::lock::TTL / 3);
            while stopped.recv_timeout(beat) == Err(RecvTimeoutError::Timeout) {
                if !beaten.renew(&own, &known, &env) {
                    break;
                }
            }
        });
        Self {
            lock,
            nonce,
            version,
            stop: Some(stop),
            heart: Some(heart),
        }
    }

    /// Gives it back. The result is what there is to say about it.
    pub fn release(mut self) -> Option<String> {
        self.stop_heart();
        let key = &self.lock.key;
        let version = self.version.lock().map_or(None, |version| version.clone());
        if self.lock.bucket.cloud() == Cloud::S3
            && self
                .lock
                .holder()
                .is_none_or(|info| info.nonce != self.nonce)
        {
            return Some(format!(
                "Lock {key} was taken over during hold; skipping delete to avoid orphaning the successor's work"
            ));
        }
        let deleted = self.lock.bucket.delete(key, version.as_deref());
        deleted.err().map(|problem| {
            format!(
                "Failed to delete lock {key} during release: {}",
                problem.message
            )
        })
    }

    fn stop_heart(&mut self) {
        drop(self.stop.take());
        if let Some(heart) = self.heart.take() {
            // A heart that panicked has said so; there is nothing left to renew.
            let _ = heart.join();
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.stop_heart();
    }
}

impl Lock {
    /// Writes the object anew; says whether the lock is still held. One that cannot be renewed
    /// expires; the next beat tries again.
    fn renew(&self, nonce: &str, known: &Mutex<Option<String>>, env: &Environment) -> bool {
        if self.bucket.cloud() == Cloud::S3 && self.holder().is_none_or(|info| info.nonce != nonce)
        {
            return false;
        }
        let info = Info::own(env, nonce).to_json();
        let Ok(mut known) = known.lock() else {
            return false;
        };
        let version = known.clone().unwrap_or_default();
        match self.bucket.replace(&self.key, info.as_bytes(), &version) {
            Ok(Some(version)) => {
                *known = version;
                true
            }
            Ok(None) => false,
            Err(_) => true,
        }
    }
}
