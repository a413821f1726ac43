//! The reminder to log in. The reference shows the one that belongs to the output of a run, and no
//! other.

use std::path::Path;

use crate::environment::Environment;

/// The reminder.
pub const TIP: &str =
    "Tip: Join & participate in the community by logging in to swamp-club.com: swamp auth login";

/// Whether the user has an account at hand.
pub fn is_logged_in(env: &Environment) -> bool {
    let has_login = |home: String| Path::new(&home).join(".config/swamp/auth.json").exists();
    env.get("SWAMP_API_KEY").is_some() || env.get("HOME").is_some_and(has_login)
}
