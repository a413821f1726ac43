//! Where in a sandbox the rows of the table apply: a path is judged by what it is in. Data may lie
//! in a datastore alone, and which that is, the `.swamp.yaml` of a repo says before a command, or
//! after it. Of repos and homes only those count that the command ran with.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::catalog::Own;
use super::look::Look;
use super::table::Area;
use crate::forms::marker::Marker;

/// The repos, homes and datastores of a trial.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Below it lies all else; their paths are those below it.
    root: PathBuf,
    repos: Vec<Repo>,
    datastores: Vec<PathBuf>,
}

/// A repo, and what its `.swamp.yaml` said at the last two looks.
#[derive(Debug)]
struct Repo {
    path: PathBuf,
    home: PathBuf,
    text: Option<Rc<str>>,
    was: Said,
    is: Said,
}

/// What a `.swamp.yaml` says.
#[derive(Debug, Clone, Default)]
enum Said {
    /// Nothing: there is none.
    #[default]
    Nothing,
    /// What nobody can read: a scenario wrote it.
    Garbage,
    Marker(Rc<Marker>),
}

impl Said {
    fn of(text: Option<&str>) -> Self {
        let Some(text) = text else {
            return Self::Nothing;
        };
        Marker::parse(text).map_or(Self::Garbage, |marker| Self::Marker(Rc::new(marker)))
    }

    fn marker(&self) -> Option<&Marker> {
        match self {
            Self::Marker(marker) => Some(marker),
            Self::Nothing | Self::Garbage => None,
        }
    }
}

/// What commands ran with.
#[derive(Debug)]
pub(super) struct Ran<'a> {
    repos: Vec<&'a Repo>,
    /// The namespaces that are theirs; none if nobody can tell.
    namespaces: Option<HashSet<&'a str>>,
}

impl Places {
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            ..Self::default()
        }
    }

    /// From now on `path` is a repo that is used from `home`.
    pub fn repo(&mut self, path: &str, home: &Path) {
        let (path, home) = (PathBuf::from(path), self.inner(home));
        self.repos.retain(|repo| repo.path != path);
        self.repos.push(Repo {
            path,
            home,
            text: None,
            was: Said::Nothing,
            is: Said::Nothing,
        });
    }

    /// From now on `path` is a datastore.
    pub fn datastore(&mut self, path: &Path) {
        self.datastores.push(self.inner(path));
    }

    fn inner(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }

    /// Reads every `.swamp.yaml` that changed. A look costs no parsing where none did.
    pub fn note(&mut self, look: &Look) {
        for repo in &mut self.repos {
            let path = repo.path.join(".swamp.yaml");
            let text = look
                .get(path.as_os_str())
                .and_then(|entry| entry.text.clone());
            let is = if text == repo.text {
                repo.is.clone()
            } else {
                Said::of(text.as_deref())
            };
            repo.was = std::mem::replace(&mut repo.is, is);
            repo.text = text;
        }
    }

    /// What commands in these repos ran with.
    pub fn ran<'a>(&'a self, repos: &[&str]) -> Ran<'a> {
        let ran = |repo: &&Repo| repos.iter().any(|name| repo.path == Path::new(name));
        let repos: Vec<&Repo> = self.repos.iter().filter(ran).collect();
        let said = || repos.iter().flat_map(|repo| [&repo.was, &repo.is]);
        let namespaces = said().filter_map(|said| said.marker()?.namespace());
        let known = !said().any(|said| matches!(said, Said::Garbage));
        let namespaces = known.then(|| namespaces.collect());
        Ran { repos, namespaces }
    }

    /// What `path` is in, each with its path there.
    pub fn of<'a>(&self, path: &'a Path, ran: &Ran<'_>) -> Vec<(Area, &'a str)> {
        let mut found = Vec::new();
        for repo in &ran.repos {
            if let Some(inner) = below(path, &repo.path) {
                found.push((Area::Repo, inner));
                if let Some(inner) = inner.strip_prefix(".swamp/") {
                    found.push((Area::Local, inner));
                    if repo.keeps_its_data(&self.root) {
                        in_datastore(inner, &mut found, |slug| ran.may_use(slug));
                    }
                }
            }
            if let Some(inner) = below(path, &repo.home) {
                match inner.strip_prefix(".swamp/repos/") {
                    None => found.push((Area::Home, inner)),
                    Some(copy) => {
                        let (id, inner) = copy.split_once('/').unwrap_or((copy, ""));
                        if repo.has_copy(id) {
                            found.push((Area::Copy, inner));
                            // A pull brings the namespaces of others.
                            in_datastore(inner, &mut found, is_slug);
                        }
                    }
                }
            }
        }
        for datastore in &self.datastores {
            if let Some(inner) = below(path, datastore) {
                in_datastore(inner, &mut found, |slug| ran.may_use(slug));
            }
        }
        found
    }

    /// The data of the repo that has its catalog at `path`; none if nobody can tell.
    pub fn own(&self, path: &Path) -> Option<Own> {
        let is = |repo: &&Repo| repo.path.join(".swamp/data/_catalog.db") == path;
        let repo = self.repos.iter().find(is)?;
        let marker = repo.is.marker()?;
        let directory = marker.datastore().map(|it| it.path.as_deref());
        let datastore = match directory {
            None => repo.path.join(".swamp"),
            Some(Some(path)) => self.inner(&self.root.join(&repo.path).join(path)),
            Some(None) => repo.home.join(".swamp/repos").join(&marker.repo_id.0),
        };
        Some(Own {
            datastore,
            namespace: marker.namespace().unwrap_or_default().to_owned(),
        })
    }

    /// What the `.swamp.yaml` at `path` said before the commands and says now, where both can be
    /// read.
    pub fn markers(&self, path: &Path) -> Option<(&Marker, &Marker)> {
        let mut repos = self.repos.iter();
        let repo = repos.find(|repo| Some(repo.path.as_path()) == path.parent())?;
        Some((repo.was.marker()?, repo.is.marker()?))
    }
}

impl Ran<'_> {
    fn may_use(&self, slug: &str) -> bool {
        let namespaces = self.namespaces.as_ref();
        namespaces.map_or_else(|| is_slug(slug), |known| known.contains(slug))
    }
}

impl Repo {
    /// Whether its datastore is its own `.swamp`, or was.
    fn keeps_its_data(&self, root: &Path) -> bool {
        let own = root.join(&self.path).join(".swamp");
        let here = |said: &Said| match said {
            Said::Nothing | Said::Garbage => true,
            Said::Marker(marker) => marker.datastore().is_none_or(|datastore| {
                let path = datastore.path.as_deref();
                path.is_some_and(|path| root.join(&self.path).join(path) == own)
            }),
        };
        here(&self.was) || here(&self.is)
    }

    /// Whether it has its datastore in a bucket, or had, and its local copy under that id.
    fn has_copy(&self, id: &str) -> bool {
        let has = |said: &Said| {
            let marker = said.marker().filter(|marker| marker.repo_id.0 == id);
            let datastore = marker.and_then(Marker::datastore);
            datastore.is_some_and(|datastore| datastore.path.is_none())
        };
        has(&self.was) || has(&self.is)
    }
}

/// The path of `path` below `root`.
fn below<'a>(path: &'a Path, root: &Path) -> Option<&'a str> {
    path.strip_prefix(root).ok()?.to_str()
}

/// A path of a datastore, by itself and below the namespaces that `may` be used.
fn in_datastore<'a>(inner: &'a str, found: &mut Vec<(Area, &'a str)>, may: impl Fn(&str) -> bool) {
    let (slug, rest) = inner.split_once('/').unwrap_or((inner, ""));
    if may(slug) {
        found.push((Area::Namespace, rest));
    }
    found.push((Area::Datastore, inner));
}

/// Whether a directory may be a namespace's by its name.
fn is_slug(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = [name.bytes().next(), name.bytes().next_back()];
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| plain(b) || b == b'-')
        && ends.iter().flatten().all(|b| plain(*b))
}
