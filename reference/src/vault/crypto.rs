//! Encryption of one secret: AES-256-GCM with a key derived (PBKDF2) from the vault's key file and
//! a salt of its own.

use aes_gcm::aead::{Aead, Generate};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

const ITERATIONS: u32 = 100_000;
const FORMAT: u32 = 2;

/// The content of a secret's file; all texts are in Base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    iv: String,
    data: String,
    salt: String,
    version: u32,
}

/// Encrypts a text.
pub fn seal(text: &str, key: &str) -> Result<Sealed, String> {
    let salt = Uuid::new_v4().into_bytes();
    let nonce = Nonce::try_generate().map_err(|error| error.to_string())?;
    let data = cipher(key, &salt)
        .encrypt(&nonce, text.as_bytes())
        .map_err(|error| error.to_string())?;
    Ok(Sealed {
        iv: STANDARD.encode(nonce),
        data: STANDARD.encode(data),
        salt: STANDARD.encode(salt),
        version: FORMAT,
    })
}

/// Decrypts a text. The error says why it cannot be done.
pub fn open(sealed: &Sealed, key: &str) -> Result<String, String> {
    let decode = |text: &str| STANDARD.decode(text).map_err(|error| error.to_string());
    let iv: [u8; 12] = decode(&sealed.iv)?
        .try_into()
        .map_err(|_| "the iv has a wrong length".to_owned())?;
    let bytes = cipher(key, &decode(&sealed.salt)?)
        .decrypt(&Nonce::from(iv), decode(&sealed.data)?.as_slice())
        .map_err(|_| "Decryption failed".to_owned())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn cipher(key: &str, salt: &[u8]) -> Aes256Gcm {
    let derived: [u8; 32] =
        pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(key.as_bytes(), salt, ITERATIONS);
    Aes256Gcm::new(&derived.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_can_be_opened_with_the_key_alone() {
        let sealed = seal("secret", "key").expect("sealed");
        assert_eq!(open(&sealed, "key"), Ok("secret".to_owned()));
        assert!(open(&sealed, "other").is_err());
        assert_ne!(seal("secret", "key"), Ok(sealed));
    }

    #[test]
    fn what_swamp_sealed_can_be_opened() {
        let file = r#"{"iv": "rn3/CD00aIZyuWtw", "data": "Yo2acgQ4CQyrusiuaKq8Th1Zxyf4", "salt": "CYatdvTqOamg2tSS0DyE0g==", "version": 2}"#;
        let sealed: Sealed = serde_json::from_str(file).expect("the file");
        assert_eq!(
            open(
                &sealed,
                "656ee6d9-2028-4198-be0f-9c67cef4492f9906cf8c-1f39-4541-b0e5-40131a321fa7"
            ),
            Ok("piped".to_owned())
        );
    }
}
