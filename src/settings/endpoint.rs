//! The endpoints that a user names: read strictly, and asked before any trial, as who names one
//! wants it.

use std::net::Ipv6Addr;

use crate::error::BadInput;
use crate::kind::Kind;
use crate::settings::paths;

/// The endpoint of `kind` in `value`, without a trailing slash.
///
/// # Errors
/// It is no endpoint that the suite and swamp can use: `http://host`, with or without a port.
pub fn read(kind: Kind, value: &str) -> Result<String, BadInput> {
    let name = kind.variable();
    let bad = |found: &str| {
        BadInput::new(
            format!("{name} is \"{}\"", without_account(value)),
            found,
            format!(
                "set {name} to the address of {} such as http://127.0.0.1:4566, or unset it",
                match kind {
                    Kind::Gcs => "a server that speaks the API of Google Cloud Storage,",
                    _ => "a server that speaks the API of S3,",
                }
            ),
        )
    };
    let plain = |c: char| c.is_ascii_graphic();
    if !value.chars().all(plain) {
        return Err(bad(
            "an address holds no blank and no character that is not ASCII",
        ));
    }
    let Some((scheme, rest)) = value.split_once("://") else {
        return Err(bad("it does not begin with http://"));
    };
    if scheme.eq_ignore_ascii_case("https") {
        return Err(bad(
            "the suite observes a backend over plain HTTP only, so that https:// cannot be used",
        ));
    }
    if !scheme.eq_ignore_ascii_case("http") {
        return Err(bad("it does not begin with http://"));
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains(['?', '#']) {
        return Err(bad("an endpoint has no query and no fragment"));
    }
    if rest.contains('/') {
        return Err(bad(
            "an endpoint has no path: buckets lie directly below its address",
        ));
    }
    if rest.contains('@') {
        return Err(bad(
            "an endpoint holds no user name and no password: the suite signs with its own",
        ));
    }
    let (host, port) = host_and_port(rest).ok_or_else(|| bad("its host cannot be read"))?;
    if let Some(port) = port
        && !port.parse::<u16>().is_ok_and(|port| port > 0)
    {
        return Err(bad("its port is no number between 1 and 65535"));
    }
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Ok(format!("http://{}{port}", host.to_ascii_lowercase()))
}

/// Where the bytes of an address part into its host and its port.
fn host_and_port(rest: &str) -> Option<(&str, Option<&str>)> {
    if let Some(inner) = rest.strip_prefix('[') {
        let (address, after) = inner.split_once(']')?;
        address.parse::<Ipv6Addr>().ok()?;
        let host = &rest[..address.len() + 2];
        return match after {
            "" => Some((host, None)),
            _ => Some((host, Some(after.strip_prefix(':')?))),
        };
    }
    let (host, port) = match rest.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (rest, None),
    };
    let fine = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    (!host.is_empty() && host.chars().all(fine)).then_some((host, port))
}

/// The value for an error: a password in it is nobody's business.
fn without_account(value: &str) -> String {
    match (value.find("://"), value.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}://…{}", &value[..scheme], &value[at..])
        }
        _ => value.to_owned(),
    }
}

/// The endpoint that the user named for `kind`. [`check`] has refused what cannot be read.
pub(crate) fn given(kind: Kind) -> Option<String> {
    let value = std::env::var_os(kind.variable())?;
    let value = value.to_string_lossy();
    if value.is_empty() {
        return None;
    }
    Some(read(kind, &value).unwrap_or_else(|_| value.into_owned()))
}

/// The host of the endpoint that the user named for `kind`.
pub fn host(kind: Kind) -> Option<String> {
    let endpoint = given(kind)?;
    let (host, _) = host_and_port(endpoint.strip_prefix("http://")?)?;
    Some(host.to_owned())
}

/// Refuses endpoints that are empty or cannot be read, in the variables of this process.
///
/// # Errors
/// As [`read`], or one is set and empty.
pub fn check(var: impl Fn(&str) -> Option<std::ffi::OsString>) -> Result<(), BadInput> {
    for kind in Kind::CLOUD {
        let name = kind.variable();
        match var(name) {
            Some(value) if value.is_empty() => {
                return Err(paths::empty(
                    name,
                    "an address such as http://127.0.0.1:4566",
                ));
            }
            Some(value) => drop(read(kind, &value.to_string_lossy())?),
            None => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_plain_addresses() {
        for (value, expected) in [
            ("http://127.0.0.1:4566", "http://127.0.0.1:4566"),
            ("http://127.0.0.1:4566/", "http://127.0.0.1:4566"),
            ("HTTP://LocalHost:1", "http://localhost:1"),
            ("http://minio_1.example-x", "http://minio_1.example-x"),
            ("http://[::1]:4566", "http://[::1]:4566"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(read(Kind::S3, value).unwrap(), expected, "{value}");
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_the_reason() {
        for (value, found) in [
            ("not a url", "no blank"),
            (" http://127.0.0.1:1", "no blank"),
            ("http://127.0.0.1:1 ", "no blank"),
            ("http://ünï.example", "not ASCII"),
            ("127.0.0.1:4566", "http://"),
            ("localhost", "http://"),
            ("ftp://localhost", "http://"),
            ("://localhost", "http://"),
            ("https://127.0.0.1:4566", "plain HTTP"),
            ("http://127.0.0.1:4566/path", "no path"),
            ("http://127.0.0.1:4566//", "no path"),
            ("http://127.0.0.1:4566?x=1", "no query"),
            ("http://127.0.0.1:4566/#x", "no query"),
            ("http://me@127.0.0.1:4566", "no user name"),
            ("http://", "host"),
            ("http://:4566", "host"),
            ("http://::1:4566", "host"),
            ("http://[::1", "host"),
            ("http://[x]:1", "host"),
            ("http://[::1]4566", "host"),
            ("http://a,b", "host"),
            ("http://127.0.0.1:", "port"),
            ("http://127.0.0.1:0", "port"),
            ("http://127.0.0.1:65536", "port"),
            ("http://127.0.0.1:4566x", "port"),
            ("http://127.0.0.1:1:2", "port"),
        ] {
            let error = read(Kind::Gcs, value).unwrap_err().to_string();
            let (head, rest) = error.split_once("\n  found: ").unwrap();
            assert!(head.contains(Kind::Gcs.variable()), "{error}");
            let (reason, _) = rest.split_once("\n  next:").unwrap();
            assert!(reason.contains(found), "{value}: {error}");
        }
    }

    #[test]
    fn a_password_is_not_repeated() {
        let error = read(Kind::S3, "http://me:secret@127.0.0.1:1").unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
