//! Signing requests to S3 (version 4 of its signatures), in their headers.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use url::Url;

use crate::data::store::checksum;

/// Who signs.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The id of the key.
    pub key: String,
    /// The key.
    pub secret: String,
    /// What goes with a key that is valid for a short time only.
    pub token: Option<String>,
}

/// The headers that sign a request, those in `headers` included. What the query says has to be
/// spelled canonically: see [`spell`].
pub fn signed_headers(
    credentials: &Credentials,
    region: &str,
    method: &str,
    url: &Url,
    headers: &[(&str, String)],
    body: &[u8],
    now: Timestamp,
) -> Vec<(String, String)> {
    let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = now.strftime("%Y%m%d").to_string();
    let hash = checksum(body);
    let mut all: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    all.push(("host".into(), host(url)));
    all.push(("x-amz-content-sha256".into(), hash.clone()));
    all.push(("x-amz-date".into(), time.clone()));
    if let Some(token) = &credentials.token {
        all.push(("x-amz-security-token".into(), token.clone()));
    }
    all.sort();
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(";");
    let lines: String = all
        .iter()
        .map(|(name, value)| format!("{name}:{}\n", value.trim()))
        .collect();
    let query = url.query().unwrap_or_default();
    let request = format!(
        "{method}\n{}\n{query}\n{lines}\n{names}\n{hash}",
        url.path()
    );
    let scope = format!("{day}/{region}/s3/aws4_request");
    let text = format!(
        "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
        checksum(request.as_bytes())
    );
    let mut key = format!("AWS4{}", credentials.secret).into_bytes();
    for part in [day.as_str(), region, "s3", "aws4_request"] {
        key = mac(&key, part);
    }
    let signature: String = mac(&key, &text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    all.push((
        "authorization".into(),
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders={names},Signature={signature}",
            credentials.key
        ),
    ));
    // The client sets this one itself.
    all.retain(|(name, _)| name != "host");
    all
}

fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // A key of any length is taken.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Spells the query of a URL canonically: sorted, and nothing unescaped but what need not be.
pub fn spell(mut url: Url) -> Url {
    let mut pairs: Vec<String> = url
        .query_pairs()
        .map(|(name, value)| format!("{}={}", escaped(&name), escaped(&value)))
        .collect();
    pairs.sort();
    let query = pairs.join("&");
    url.set_query((!query.is_empty()).then_some(query.as_str()));
    url
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(byte.into());
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials {
            key: "AKIAIOSFODNN7EXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            token: None,
        }
    }

    fn signature(method: &str, url: &str, headers: &[(&str, String)], body: &[u8]) -> String {
        let url = spell(url.parse().expect("a URL"));
        let now = "2013-05-24T00:00:00Z".parse().expect("a time");
        let signed = signed_headers(
            &credentials(),
            "us-east-1",
            method,
            &url,
            headers,
            body,
            now,
        );
        let (_, authorization) = signed.last().expect("a signature");
        authorization
            .rsplit_once('=')
            .map_or(String::new(), |(_, signature)| signature.to_owned())
    }

    /// The examples of S3's documentation.
    #[test]
    fn the_documented_requests_have_the_documented_signatures() {
        assert_eq!(
            signature(
                "GET",
                "https://examplebucket.s3.amazonaws.com/test.txt",
                &[("range", "bytes=0-9".to_owned())],
                b""
            ),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
        assert_eq!(
            signature(
                "PUT",
                "https://examplebucket.s3.amazonaws.com/test%24file.text",
                &[
                    ("date", "Fri, 24 May 2013 00:00:00 GMT".to_owned()),
                    ("x-amz-storage-class", "REDUCED_REDUNDANCY".to_owned())
                ],
                b"Welcome to Amazon S3."
            ),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        );
        assert_eq!(
            signature(
                "GET",
                "https://examplebucket.s3.amazonaws.com/?prefix=J&max-keys=2",
                &[],
                b""
            ),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        );
    }

    #[test]
    fn a_query_is_sorted_and_escaped() {
        let url = spell(
            "http://h/b?prefix=a/b c&list-type=2"
                .parse()
                .expect("a URL"),
        );
        assert_eq!(url.query(), Some("list-type=2&prefix=a%2Fb%20c"));
    }
}
