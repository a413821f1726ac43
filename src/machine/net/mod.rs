//! The harness's own side of the network: an HTTP client for observers, and a proxy that stands
//! between a swamp under test and its backend.

use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

pub mod http;
pub(crate) mod passed_on;
pub mod proxy;

/// What all network work of this process runs on. Two threads: the observers block one trial's
/// thread each while they wait, and only proxies have work of their own.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("swamp-uat-net")
        .enable_all()
        .build()
        // Without threads no trial could run either; there is nobody to hand the error to.
        .expect("the threads for the network start")
});

/// The ports that the suite listens on: below those that systems give to outgoing connections,
/// so that a port which is free for a moment (a backend that is down) is not taken meanwhile.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Whether swamp would see a status in `text`: it looks for these digits anywhere in a message,
/// and messages name ports and buckets.
pub(crate) fn reads_as_status(text: &str) -> bool {
    ["403", "404"].iter().any(|digits| text.contains(digits))
}

/// A port of 127.0.0.1 on which nothing listens now.
///
/// # Errors
/// There is none.
pub(crate) fn free_port() -> Result<u16, String> {
    use std::sync::atomic::{AtomicU16, Ordering};

    static NEXT: AtomicU16 = AtomicU16::new(0);
    let span = PORTS.end - PORTS.start;
    // Processes of one run, as under nextest, begin at different places.
    let start = u16::try_from(std::process::id().wrapping_mul(97) % u32::from(span)).unwrap_or(0);
    for _ in 0..span {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % span;
        let port = PORTS.start + (start + step) % span;
        if reads_as_status(&port.to_string()) {
            continue;
        }
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(format!(
        "no port of 127.0.0.1 between {} and {} is free",
        PORTS.start,
        PORTS.end - 1
    ))
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_port_is_given_out_twice_in_a_row() {
        let ports: Vec<u16> = (0..20).map(|_| super::free_port().unwrap()).collect();
        let different: std::collections::BTreeSet<&u16> = ports.iter().collect();
        assert_eq!(different.len(), ports.len());
    }
}
