//! What a real swamp sees of how its user's network is reached: proxies, certificates, registries.

use std::ffi::OsString;

use crate::kind::Kind;
use crate::settings::endpoint;

/// The variables of the user's that a real swamp sees as well: how a network like that of a company
/// is reached, for what swamp fetches itself. The reference fetches nothing.
const NETWORK: [&str; 16] = [
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "https_proxy",
    "http_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "DENO_CERT",
    "DENO_TLS_CA_STORE",
    "DENO_AUTH_TOKENS",
    "NPM_CONFIG_REGISTRY",
    "JSR_URL",
];

/// Those of [`NETWORK`] that name a file or a directory.
const PATHS: [&str; 4] = [
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "DENO_CERT",
];

/// How the network is reached, for a real swamp: what is set of the list above. Where there is a proxy,
/// it is never asked for a backend of the suite's.
pub fn variables() -> Vec<(String, OsString)> {
    let hosts = Kind::CLOUD.into_iter().filter_map(endpoint::host);
    variables_of(|name| std::env::var_os(name), &hosts.collect::<Vec<_>>())
}

fn variables_of(
    var: impl Fn(&str) -> Option<OsString>,
    hosts: &[String],
) -> Vec<(String, OsString)> {
    let mut found: Vec<(String, OsString)> = NETWORK
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), var(name).filter(|v| !v.is_empty())?)))
        .collect();
    let direct = ["127.0.0.1", "localhost", "::1", "[::1]"];
    if found
        .iter()
        .any(|(name, _)| name.to_lowercase().ends_with("_proxy"))
    {
        let given = |name: &str| {
            let own = found.iter().find(|(other, _)| other == name);
            let either = || {
                found
                    .iter()
                    .find(|(other, _)| other.eq_ignore_ascii_case(name))
            };
            let (_, value) = own.or_else(either)?;
            Some(value.to_string_lossy().into_owned())
        };
        let both = ["NO_PROXY", "no_proxy"].map(|name| {
            let mut all: Vec<String> = given(name).into_iter().collect();
            all.extend(direct.map(str::to_owned));
            all.extend(hosts.iter().cloned());
            (name.to_owned(), OsString::from(all.join(",")))
        });
        found.retain(|(name, _)| !name.eq_ignore_ascii_case("no_proxy"));
        found.extend(both);
    }
    for (name, value) in &mut found {
        if PATHS.contains(&name.as_str()) {
            // Commands run in other directories.
            *value = std::path::absolute(&*value).map_or_else(|_| value.clone(), OsString::from);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_real_swamp_sees_proxies_and_certificates_and_asks_no_proxy_for_a_backend() {
        let vars = [
            ("HTTPS_PROXY", "http://me:secret@proxy.example:3128"),
            ("no_proxy", ".example"),
            ("SSL_CERT_FILE", "relative.pem"),
            ("JSR_URL", ""),
            ("PATH", "/bin"),
        ];
        let var = |name: &str| {
            let found = vars.iter().find(|(key, _)| *key == name)?;
            Some(OsString::from(found.1))
        };
        let found = variables_of(var, &["minio.example".to_owned()]);
        let value = |name: &str| {
            let found = found.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.to_string_lossy().into_owned())
        };
        assert_eq!(
            value("HTTPS_PROXY").as_deref(),
            Some("http://me:secret@proxy.example:3128")
        );
        let direct = Some(".example,127.0.0.1,localhost,::1,[::1],minio.example");
        for name in ["NO_PROXY", "no_proxy"] {
            assert_eq!(value(name).as_deref(), direct, "{name}");
        }
        assert!(Path::new(&value("SSL_CERT_FILE").unwrap()).is_absolute());
        assert_eq!((value("JSR_URL"), value("PATH")), (None, None));
        assert_eq!(variables_of(|_| None, &[]), []);
    }
}
