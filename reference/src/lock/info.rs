//! What a lock file says.

use std::fs;
use std::path::Path;
use std::process;

use jiff::Timestamp;
use nix::sys::signal;
use nix::unistd::{self, Pid};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::environment::Environment;
use crate::time;

/// How long a lock lives that nobody renews.
pub const TTL: u64 = 30_000;

/// Who holds a lock, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    /// User and host.
    pub holder: String,
    /// The host.
    pub hostname: String,
    /// The process.
    pub pid: i32,
    /// When it was taken or renewed, as an ISO time.
    pub acquired_at: String,
    /// How many milliseconds it lives without being renewed.
    pub ttl_ms: u64,
    /// What tells this holding from another by the same process.
    pub nonce: String,
}

impl Info {
    /// What this process says of a lock that it takes now.
    pub fn own(env: &Environment, nonce: &str) -> Self {
        let hostname = unistd::gethostname().unwrap_or_default();
        let hostname = hostname.to_string_lossy().into_owned();
        let user = env.get("USER").or_else(|| env.get("USERNAME"));
        Self {
            holder: format!("{}@{hostname}", user.as_deref().unwrap_or("unknown")),
            hostname,
            pid: process::id().cast_signed(),
            acquired_at: time::now(),
            ttl_ms: TTL,
            nonce: nonce.to_owned(),
        }
    }

    /// The text of the file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Reads a lock file; none where there is none, or where it cannot be read.
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
    }

    /// How many milliseconds ago it was taken or renewed.
    pub fn age(&self) -> i64 {
        let taken: Option<Timestamp> = self.acquired_at.parse().ok();
        let taken = taken.map_or(i64::MAX, Timestamp::as_millisecond);
        Timestamp::now().as_millisecond().saturating_sub(taken)
    }

    /// Whether its time is over.
    pub fn is_expired(&self) -> bool {
        self.age() > self.ttl_ms.cast_signed()
    }

    /// Whether it may be taken away: its time is over, or its process is gone.
    pub fn is_stale(&self) -> bool {
        self.is_expired() || self.is_of_a_dead_process()
    }

    fn is_of_a_dead_process(&self) -> bool {
        // As swamp, this asks for a process of this machine, whatever host the lock names.
        signal::kill(Pid::from_raw(self.pid), None) == Err(nix::errno::Errno::ESRCH)
    }

    /// The same as a JSON value.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
