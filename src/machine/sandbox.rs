//! The sandbox of one trial: a temporary root with a home, its repos and its datastores.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::error::BadInput;
use crate::machine::leftovers::{self, Dir};
use crate::machine::temp_dir::{self, try_out, unwritable};

/// The sandboxes that exist now and are not to be kept, for [`remove_all`].
static LIVE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Whether the run was broken off: what fails from now on fails for that.
static BROKEN_OFF: AtomicBool = AtomicBool::new(false);

/// Which of the two worlds a trial runs in. They differ in all that must not show in a golden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// The world of every run.
    First,
    /// Another home, longer paths: the world that a golden must survive before it is recorded.
    Second,
}

/// The directories of one trial. They go when this is dropped, unless they are kept.
#[derive(Debug)]
pub struct Sandbox {
    top: Option<Dir>,
    world: World,
    root: PathBuf,
    home: PathBuf,
    modules: Option<PathBuf>,
    notes: PathBuf,
}

impl Sandbox {
    /// A new sandbox.
    ///
    /// Its homes share `modules` as swamp's module cache, where that is given.
    ///
    /// # Errors
    /// The temporary directory cannot be written to, or the run was broken off.
    pub fn new(world: World, modules: Option<&Path>) -> Result<Self, BadInput> {
        let top = begin()?;
        let (root, home) = match world {
            World::First => (top.path().join("w"), "home"),
            World::Second => (
                top.path()
                    .join("another-world/whose-paths-are-longer-than-a-line-of-yaml/w"),
                "home-of-another",
            ),
        };
        let (home, notes) = (root.join(home), top.path().join("notes"));
        fs::create_dir_all(&notes).map_err(|e| unwritable(&notes, &e))?;
        settle(&home, modules).map_err(|e| unwritable(&home, &e))?;
        Ok(Self {
            top: Some(top),
            world,
            root,
            home,
            modules: modules.map(Path::to_owned),
            notes,
        })
    }

    /// The root of the world: repos and datastores lie in it.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Which world this is.
    pub fn world(&self) -> World {
        self.world
    }

    /// One more home directory in the world: of another user, or on another machine.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn another_home(&self, name: &str) -> std::io::Result<PathBuf> {
        let home = self.root.join(name);
        settle(&home, self.modules.as_deref())?;
        Ok(home)
    }

    /// The home directory of the world.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Where the harness keeps what it notes: raw outputs, surfaces, `repro.sh`. Outside the
    /// world, so that no command under test sees it.
    pub fn notes(&self) -> &Path {
        &self.notes
    }

    /// Why nothing can be written here any more, if that is so: then whatever fails fails for that.
    pub(crate) fn why_it_died(&self) -> Option<String> {
        // Into itself, so that it goes with it.
        try_out(&self.notes).err().map(|bad| bad.to_string())
    }

    /// The directory that holds all of it, with a name that no other sandbox has.
    pub fn top(&self) -> PathBuf {
        self.top
            .as_ref()
            .map_or_else(|| self.root.clone(), |top| top.path().to_owned())
    }

    /// What lies beside the world and was made by nobody who may: by its name.
    pub(crate) fn strangers(&self) -> Vec<String> {
        let top = self.top();
        let own = |path: &Path| self.root.starts_with(path) || path == self.notes;
        let entries = fs::read_dir(&top).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        let names = paths.filter(|path| !own(path)).map(|path| {
            let name = path.strip_prefix(&top).unwrap_or(&path);
            name.display().to_string()
        });
        names.collect()
    }

    /// Leaves the sandbox to [`remove_all`], which ends the run.
    ///
    /// `ext4` without a journal searches long for a place for every new file and directory while
    /// others were removed minutes ago: to remove each sandbox at once made a run a fifth longer.
    pub fn leave(mut self) {
        self.top.take().map(Dir::keep);
    }

    /// Leaves the sandbox where it is, and gives its path. In a run that was
    /// [broken off](break_off) it goes with the others.
    pub fn keep(mut self) -> PathBuf {
        let path = self.top();
        if !is_broken_off() {
            live().remove(&path);
        }
        self.top.take().map(Dir::keep);
        if cfg!(test) {
            // Unit tests are no run, at whose end it would be forgotten.
            leftovers::forget(&path);
        }
        path
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(top) = &self.top {
            live().remove(top.path());
        }
    }
}

/// Makes `home` the home of somebody who has used swamp before: in a new one, the first command
/// of a trial that speaks to people would also print swamp's invitation to its club.
///
/// `modules` becomes the cache that swamp keeps the modules of its extensions in: tens of
/// megabytes that are the same for all.
fn settle(home: &Path, modules: Option<&Path>) -> std::io::Result<()> {
    if let Some(modules) = modules {
        fs::create_dir_all(modules)?;
        fs::create_dir_all(home.join(".swamp"))?;
        std::os::unix::fs::symlink(modules, home.join(".swamp/deno-cache"))?;
    }
    let config = home.join(".config/swamp");
    fs::create_dir_all(&config)?;
    let shown = serde_json::json!({
        "firstRunShown": true,
        "lastShown": format!("{:.3}", jiff::Timestamp::now()),
    });
    fs::write(config.join("auth_nudge.json"), format!("{shown:#}\n"))
}

/// Says that the user ends the run. Call it before the commands of its trials are killed, which
/// would make them trials that failed, and their sandboxes worth keeping.
pub fn break_off() {
    BROKEN_OFF.store(true, Ordering::SeqCst);
}

/// Whether the user ended the run.
pub fn is_broken_off() -> bool {
    BROKEN_OFF.load(Ordering::SeqCst)
}

/// Removes every sandbox that is not kept: at the end of a run, whichever way it ends.
pub fn remove_all() {
    // Locked until all are gone: on a signal the process ends as soon as this returns.
    let mut live = live();
    let paths: Vec<PathBuf> = std::mem::take(&mut *live).into_iter().collect();
    for _ in 0..50 {
        remove_each(&paths);
        if !is_broken_off() {
            break;
        }
        // A trial that was broken off may write into its own for a moment.
        std::thread::sleep(Duration::from_millis(20));
        if !paths.iter().any(|path| path.exists()) {
            break;
        }
    }
    for path in paths.iter().filter(|path| !path.exists()) {
        leftovers::forget(path);
    }
}

/// Removes the directories, on all cores. Best effort on the way out: what stays lies in the
/// temporary directory.
fn remove_each(paths: &[PathBuf]) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = paths.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        for paths in paths.chunks(share) {
            scope.spawn(move || {
                for path in paths {
                    let _ = fs::remove_dir_all(path);
                }
            });
        }
    });
}

fn live() -> std::sync::MutexGuard<'static, BTreeSet<PathBuf>> {
    LIVE.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A new directory that [`remove_all`] knows of as soon as it is there.
fn begin() -> Result<Dir, BadInput> {
    let mut live = live();
    if is_broken_off() {
        return Err(BadInput::new(
            "no further trial was begun",
            "the run was broken off by a signal",
            "run it again",
        ));
    }
    let top = temp_dir::make()?;
    live.insert(top.path().to_owned());
    Ok(top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_goes_when_it_is_dropped_and_stays_when_it_is_kept() {
        let sandbox = Sandbox::new(World::First, None).unwrap();
        let top = sandbox.top();
        assert!(sandbox.home().starts_with(sandbox.root()) && sandbox.home().is_dir());
        assert!(!sandbox.notes().starts_with(sandbox.root()) && sandbox.notes().is_dir());
        drop(sandbox);
        assert!(!top.exists());

        let kept = Sandbox::new(World::First, None).unwrap().keep();
        assert!(kept.join("w/home").is_dir());
        fs::remove_dir_all(kept).unwrap();
    }

    #[test]
    fn the_two_worlds_differ_in_path_length_and_home() {
        let first = Sandbox::new(World::First, None).unwrap();
        let second = Sandbox::new(World::Second, None).unwrap();
        let length = |path: &Path| path.as_os_str().len();
        assert_ne!(length(first.root()), length(second.root()));
        // Longer than what YAML folds at 80 columns.
        assert!(length(&second.root().join("ds")) > 76);
        assert_ne!(first.home().file_name(), second.home().file_name());
    }
}
