//! A proxy between a swamp under test and its backend: it takes down every request, and does to
//! it what a scenario asks for.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{RUNTIME, free_port, http};

/// One request that came through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path and the query, as they were sent.
    pub target: String,
}

impl Request {
    /// Whether it writes or removes an object: everything but reading, in either protocol.
    pub fn writes(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// Whether `text` stands in its path or query, slashes escaped or not.
    pub fn names(&self, text: &str) -> bool {
        self.target.contains(text) || self.target.contains(&http::escaped(text))
    }
}

/// What the proxy does to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Passes it on, and its answer back.
    Pass,
    /// The same, with this as the id that the backend gives the request, in place of a random one.
    PassWithId(&'static str),
    /// Answers it with this status, in the words of the backend.
    Refuse(u16),
    /// Breaks the connection off without an answer.
    Reset,
}

/// The headers by which S3, and what speaks like it, names a request.
const REQUEST_IDS: [&str; 3] = ["x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id"];

/// How long a port may be taken that was free a moment ago: a command that another trial starts
/// has a copy of every socket of this process from its fork until its exec.
const PATIENCE: Duration = Duration::from_secs(2);

type Intercept = Box<dyn FnMut(&Request) -> Fate + Send>;

/// How a backend words a refusal: from the status, the type and the text of the body.
pub type Words = fn(u16) -> (&'static str, String);

struct State {
    seen: Vec<Request>,
    intercept: Intercept,
}

/// A running proxy. It stops when this is dropped.
pub struct Proxy {
    upstream: String,
    words: Words,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "proxy {} to {}", self.address, self.upstream)
    }
}

impl Proxy {
    /// A proxy to `upstream` (`http://host:port`) that passes everything on, and refuses in
    /// `words` what it is told to refuse.
    ///
    /// # Errors
    /// It cannot listen.
    pub fn new(upstream: &str, words: Words) -> Result<Self, String> {
        let port = free_port()?;
        let proxy = Self {
            upstream: upstream.trim_end_matches('/').to_owned(),
            words,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            state: Arc::new(Mutex::new(State {
                seen: Vec::new(),
                intercept: Box::new(|_| Fate::Pass),
            })),
            listening: Mutex::new(None),
        };
        proxy.try_up()?;
        Ok(proxy)
    }

    /// Where it listens: `http://127.0.0.1:port`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on `intercept` decides what becomes of every request.
    pub fn intercept(&self, intercept: impl FnMut(&Request) -> Fate + Send + 'static) {
        self.state().intercept = Box::new(intercept);
    }

    /// From now on every request passes.
    pub fn pass(&self) {
        self.intercept(|_| Fate::Pass);
    }

    /// The requests since the last call, in the order in which they came.
    pub fn take_seen(&self) -> Vec<Request> {
        std::mem::take(&mut self.state().seen)
    }

    /// Stops listening: connections are refused, those that are open break.
    pub fn down(&self) {
        if let Some(listening) = self.listening().take() {
            listening.abort();
            // The port is closed when the task is gone.
            let _ = RUNTIME.block_on(listening);
        }
    }

    /// Whether it does not listen now.
    pub fn is_down(&self) -> bool {
        self.listening().is_none()
    }

    /// Listens again, on the same port.
    ///
    /// # Panics
    /// The port was taken meanwhile.
    #[track_caller]
    pub fn up(&self) {
        self.try_up().unwrap_or_else(|e| panic!("{e}"));
    }

    fn try_up(&self) -> Result<(), String> {
        let start = Instant::now();
        let listener = loop {
            match RUNTIME.block_on(TcpListener::bind(self.address)) {
                Ok(listener) => break listener,
                Err(e) if e.kind() == ErrorKind::AddrInUse && start.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(e) => return Err(format!("a proxy on {}: {e}", self.address)),
            }
        };
        let (upstream, words) = (self.upstream.clone(), self.words);
        let state = Arc::clone(&self.state);
        let task = RUNTIME.spawn(async move {
            // Dropped with this task, and every connection with it.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, upstream.clone(), words, Arc::clone(&state)));
            }
        });
        *self.listening() = Some(task);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn listening(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.listening
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.down();
    }
}

/// Ends a connection without an answer.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken off on purpose")
    }
}

impl std::error::Error for Broken {}

async fn serve(stream: TcpStream, upstream: String, words: Words, state: Arc<Mutex<State>>) {
    let service = service_fn(move |request| {
        let (upstream, state) = (upstream.clone(), Arc::clone(&state));
        async move { answer(request, &upstream, words, &state).await }
    });
    // A connection that ends in an error ends; that is what the other side sees.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    request: hyper::Request<Incoming>,
    upstream: &str,
    words: Words,
    state: &Mutex<State>,
) -> Result<Response<Full<Bytes>>, Broken> {
    let seen = Request {
        method: request.method().to_string(),
        target: request.uri().to_string(),
    };
    let fate = {
        let mut state = state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let fate = (state.intercept)(&seen);
        state.seen.push(seen);
        fate
    };
    match fate {
        Fate::Pass => pass(request, upstream).await,
        Fate::PassWithId(id) => {
            let mut answer = pass(request, upstream).await?;
            for (name, value) in answer.headers_mut() {
                if REQUEST_IDS.contains(&name.as_str()) {
                    *value = HeaderValue::from_static(id);
                }
            }
            Ok(answer)
        }
        Fate::Reset => Err(Broken),
        Fate::Refuse(status) => {
            // The body is read first: a client that is still sending would see a broken
            // connection instead of the status.
            let _ = request.into_body().collect().await;
            let (kind, text) = words(status);
            Response::builder()
                .status(status)
                .header("content-type", kind)
                .body(Full::new(Bytes::from(text)))
                .map_err(|_| Broken)
        }
    }
}

async fn pass(
    request: hyper::Request<Incoming>,
    upstream: &str,
) -> Result<Response<Full<Bytes>>, Broken> {
    let (mut parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
    parts.uri = format!("{upstream}{}", parts.uri)
        .parse()
        .map_err(|_| Broken)?;
    let answer = http::CLIENT
        .request(hyper::Request::from_parts(parts, Full::new(body)))
        .await
        .map_err(|_| Broken)?;
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
    Ok(Response::from_parts(parts, Full::new(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A proxy to a proxy that answers everything with 204: a backend is not needed here.
    fn pair() -> (Proxy, Proxy) {
        let words: Words = |status| ("text/plain", format!("refused with {status}"));
        let backend = Proxy::new("http://127.0.0.1:1", words).unwrap();
        backend.intercept(|_| Fate::Refuse(200));
        let proxy = Proxy::new(&backend.endpoint(), words).unwrap();
        (backend, proxy)
    }

    fn get(proxy: &Proxy, path: &str) -> Result<u16, String> {
        let url = format!("{}{path}", proxy.endpoint());
        http::request("GET", &url, &[], b"").map(|answer| answer.status)
    }

    #[test]
    fn requests_pass_and_are_taken_down() {
        let (backend, proxy) = pair();
        assert_eq!(get(&proxy, "/b/a%2Fk?x=1"), Ok(200));
        for seen in [proxy.take_seen(), backend.take_seen()] {
            assert_eq!(seen.len(), 1);
            assert_eq!(seen[0].target, "/b/a%2Fk?x=1");
            assert!(seen[0].names("a/k") && !seen[0].writes());
        }
        assert_eq!(proxy.take_seen(), []);
    }

    #[test]
    fn a_port_that_is_taken_for_a_moment_is_waited_for() {
        let (_backend, proxy) = pair();
        proxy.down();
        let taken = std::net::TcpListener::bind(proxy.address).unwrap();
        let other = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            drop(taken);
        });
        proxy.up();
        other.join().unwrap();
        assert_eq!(get(&proxy, "/"), Ok(200));
    }

    #[test]
    fn an_answer_passes_with_the_id_that_an_intercept_chose() {
        use std::io::{Read, Write};

        let upstream = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = upstream.local_addr().unwrap();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = upstream.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]).unwrap();
            let answer = "HTTP/1.1 404 Not Found\r\nx-amz-request-id: random\r\n\
                          content-length: 0\r\n\r\n";
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let proxy = Proxy::new(&format!("http://{address}"), |_| ("", String::new())).unwrap();
        proxy.intercept(|_| Fate::PassWithId("chosen"));
        let mut client = std::net::TcpStream::connect(proxy.address).unwrap();
        let request = "GET /b HTTP/1.1\r\nhost: b\r\nconnection: close\r\n\r\n";
        client.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        answering.join().unwrap();
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert!(answer.contains("x-amz-request-id: chosen\r\n"), "{answer}");
    }

    #[test]
    fn an_intercept_refuses_and_resets() {
        let (backend, proxy) = pair();
        proxy.intercept(|seen| match seen.target.as_str() {
            "/busy" => Fate::Refuse(503),
            "/cut" => Fate::Reset,
            _ => Fate::Pass,
        });
        assert_eq!(get(&proxy, "/busy"), Ok(503));
        let url = format!("{}/busy", proxy.endpoint());
        let said = http::request("PUT", &url, &[], b"body").unwrap();
        assert_eq!(said.text(), "refused with 503");
        assert!(get(&proxy, "/cut").is_err());
        assert_eq!(get(&proxy, "/fine"), Ok(200));
        assert_eq!(backend.take_seen().len(), 1);
        proxy.pass();
        assert_eq!(get(&proxy, "/busy"), Ok(200));
    }

    #[test]
    fn down_is_refused_and_up_is_the_same_port_again() {
        let (_backend, proxy) = pair();
        let endpoint = proxy.endpoint();
        for _ in 0..3 {
            assert_eq!(get(&proxy, "/"), Ok(200));
            proxy.down();
            let error = get(&proxy, "/").unwrap_err();
            assert!(error.contains("refused"), "{error}");
            proxy.up();
        }
        assert_eq!(proxy.endpoint(), endpoint);
        assert_eq!(get(&proxy, "/"), Ok(200));
    }

    #[test]
    fn nothing_listens_when_it_is_dropped() {
        let (_backend, proxy) = pair();
        let url = proxy.endpoint();
        drop(proxy);
        assert!(http::request("GET", &url, &[], b"").is_err());
    }
}
