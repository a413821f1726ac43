//! From what a trial gathered to the texts of its surfaces: redaction, order, audit.

use jiff::Timestamp;

use crate::change::{self, Checkpoint, Section};
use crate::ran::Output;
use crate::redact::{Aliases, Auditor, Finding, Redactor, Rule, Weight, World, machine};
use crate::sandbox::Sandbox;
use crate::secret;
use crate::surface::Surface;
use crate::transcript;
use crate::tree::Listing;
use crate::trial::{Gathered, Seen};
use crate::yaml;

/// One surface of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Face {
    pub surface: Surface,
    /// The redacted text: what a golden holds.
    pub text: String,
    /// The same before redaction, for the eyes of whoever reads a drift.
    pub raw: String,
    /// Where the redacted pieces of the text come from: redacted and raw, piece by piece.
    pub pieces: Vec<(String, String)>,
    /// What redaction left.
    pub findings: Vec<Finding>,
}

/// The surfaces of a trial on a backend that has `surfaces`.
pub(crate) fn faces(
    gathered: &Gathered,
    sandbox: &Sandbox,
    version: &str,
    started: Timestamp,
    surfaces: &[Surface],
) -> Vec<Face> {
    let mut aliases = Aliases::default();
    for (id, role) in &gathered.roles {
        aliases.learn(id, role);
    }
    let path = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let mut literals = vec![
        (path(sandbox.root()), "<sandbox>".to_owned(), Rule::Path),
        (path(sandbox.home()), "<home>".to_owned(), Rule::Path),
    ];
    for (store, bucket) in &gathered.buckets {
        let token = format!("<bucket:{store}>");
        literals.push((bucket.name.clone(), token, Rule::Bucket));
    }
    for endpoint in gathered.endpoints() {
        literals.push((endpoint.to_owned(), "<endpoint>".to_owned(), Rule::Endpoint));
        let host = endpoint.rsplit('/').next().unwrap_or(endpoint);
        literals.push((host.to_owned(), "<host>".to_owned(), Rule::Endpoint));
    }
    let world = World {
        literals,
        version: version.to_owned(),
        window: started..=Timestamp::now(),
        longest: gathered.longest_command,
    };
    let mut redactor = Redactor::new(world, aliases);
    let mut auditor = auditor(sandbox);
    for (_, bucket) in &gathered.buckets {
        auditor.forbid("bucket name", &bucket.name);
    }
    surfaces
        .iter()
        .map(|surface| {
            let (text, raw, pieces) = match surface {
                Surface::Cli => cli(&gathered.transcript, &mut redactor),
                Surface::Tree => listed(&gathered.checkpoints, &mut redactor, trees),
                Surface::Bucket => listed(&gathered.checkpoints, &mut redactor, buckets),
            };
            let mut findings = auditor.findings(&text);
            findings.extend(secrets(&raw));
            let hidden = |text: String| secret::hide(&text).into_owned();
            Face {
                surface: *surface,
                findings,
                text: hidden(text),
                raw: hidden(raw),
                pieces: pieces
                    .into_iter()
                    .map(|(a, b)| (hidden(a), hidden(b)))
                    .collect(),
            }
        })
        .collect()
}

/// The secrets of the user's environment that a surface shows, by their variables.
fn secrets(raw: &str) -> Vec<Finding> {
    let shown = secret::shown_in(raw).into_iter();
    let finding = |variable: &str| Finding {
        what: "secret",
        text: format!("of {variable}"),
        line: raw.lines().take_while(|line| !secret::is_in(line)).count() + 1,
        weight: Weight::Sure,
    };
    shown.map(finding).collect()
}

type Rendered = (String, String, Vec<(String, String)>);

fn cli(transcript: &[Output], redactor: &mut Redactor) -> Rendered {
    let raw: Vec<String> = transcript
        .iter()
        .map(|output| {
            format!(
                "$ swamp {}  # in {}\n[exit {}]\n[stdout]\n{}[EOF]\n[stderr]\n{}[EOF]\n",
                output.args.join(" "),
                output.repo,
                output.code,
                output.stdout,
                output.stderr
            )
        })
        .collect();
    let redacted: Vec<String> = transcript
        .iter()
        .map(|output| transcript::entry(output, redactor))
        .collect();
    (
        transcript::render(&redacted),
        raw.join("\n"),
        redacted.into_iter().zip(raw).collect(),
    )
}

/// The sections of one surface at a checkpoint, redacted if there is a redactor.
type Sections = fn(&Seen, Option<&mut Redactor>) -> Vec<Section>;

fn listed(checkpoints: &[Seen], redactor: &mut Redactor, sections: Sections) -> Rendered {
    let at = |seen: &Seen, redactor: Option<&mut Redactor>| Checkpoint {
        name: seen.name.clone(),
        sections: sections(seen, redactor),
    };
    let redacted: Vec<Checkpoint> = checkpoints
        .iter()
        .map(|seen| at(seen, Some(redactor)))
        .collect();
    let raw: Vec<Checkpoint> = checkpoints.iter().map(|seen| at(seen, None)).collect();
    (change::render(&redacted), change::render(&raw), Vec::new())
}

fn trees(seen: &Seen, mut redactor: Option<&mut Redactor>) -> Vec<Section> {
    let mut sections = stores(&seen.trees, redactor.as_deref_mut());
    for (repo, yaml) in &seen.repos {
        let block = yaml
            .as_deref()
            .map_or_else(|| "(there is no .swamp.yaml)\n".to_owned(), datastore_block);
        // How YAML writes a path of the sandbox hangs on where that lies.
        let block = match redactor.as_deref() {
            Some(redactor) => yaml::plain(&block, &|value| redactor.knows_path(value)),
            None => block,
        };
        sections.push(Section {
            title: format!("{repo}/.swamp.yaml: datastore"),
            lines: lines(&block, redactor.as_deref_mut()),
        });
    }
    sections
}

fn buckets(seen: &Seen, redactor: Option<&mut Redactor>) -> Vec<Section> {
    stores(&seen.buckets, redactor)
}

/// Two sections for each store: its entries, and the namespace manifests among them.
fn stores(listings: &[(String, Listing)], mut redactor: Option<&mut Redactor>) -> Vec<Section> {
    let mut sections = Vec::new();
    for (store, listing) in listings {
        sections.push(Section {
            title: store.clone(),
            lines: match redactor.as_deref_mut() {
                Some(redactor) => redactor.listing(&listing.entries),
                None => {
                    let mut entries = listing.entries.clone();
                    entries.sort();
                    entries
                }
            },
        });
        let manifests: String = listing
            .manifests
            .iter()
            .map(|(path, content)| format!("{path}\n{}", indented(content)))
            .collect();
        sections.push(Section {
            title: format!("{store}: namespace manifests"),
            lines: lines(&manifests, redactor.as_deref_mut()),
        });
    }
    sections
}

fn lines(text: &str, redactor: Option<&mut Redactor>) -> Vec<String> {
    let text = match redactor {
        Some(redactor) => redactor.text(text),
        None => text.to_owned(),
    };
    text.lines().map(str::to_owned).collect()
}

/// A file's lines below its name, closed, so that a missing line break at its end shows.
fn indented(content: &str) -> String {
    format!("{content}[EOF]")
        .lines()
        .map(|line| format!("    {line}\n"))
        .collect()
}

/// The `datastore:` block of a `.swamp.yaml`, to the letter.
fn datastore_block(yaml: &str) -> String {
    yaml.split_inclusive('\n')
        .skip_while(|line| !line.starts_with("datastore:"))
        .enumerate()
        .take_while(|(index, line)| *index == 0 || line.starts_with([' ', '-', '#', '\n']))
        .map(|(_, line)| line)
        .collect()
}

/// Knows the names of this machine and of this sandbox.
fn auditor(sandbox: &Sandbox) -> Auditor {
    let mut auditor = machine::auditor();
    if let Some(name) = sandbox.top().file_name() {
        auditor.forbid("sandbox name", &name.to_string_lossy());
    }
    auditor
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox;

    const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    fn gathered() -> Gathered {
        let output = Output {
            repo: "infra".into(),
            args: vec!["list".into()],
            code: 0,
            stdout: format!("{ID}\n"),
            stderr: String::new(),
            took: crate::redact::Took::default(),
            beside_others: false,
        };
        let listing = Listing {
            entries: vec![format!("data/{ID}"), "audit/".into()],
            manifests: vec![("infra/.namespace.json".into(), format!("{{{ID}}}\n"))],
            ..Listing::default()
        };
        Gathered {
            transcript: vec![output],
            checkpoints: vec![Seen {
                name: "fresh".into(),
                trees: vec![("ds".into(), listing)],
                buckets: Vec::new(),
                repos: vec![
                    (
                        "infra".into(),
                        Some("a: 1\ndatastore:\n  type: f\nz: 2\n".into()),
                    ),
                    ("bare".into(), None),
                ],
            }],
            roles: vec![(ID.into(), "repo:infra".into())],
            ..Gathered::default()
        }
    }

    fn both(gathered: &Gathered) -> Vec<Face> {
        let sandbox = Sandbox::new(sandbox::World::First, None).unwrap();
        let surfaces = [Surface::Cli, Surface::Tree];
        faces(gathered, &sandbox, "1.2.3", Timestamp::now(), &surfaces)
    }

    #[test]
    fn one_id_has_one_name_on_every_surface() {
        let faces = both(&gathered());
        assert!(faces[0].text.contains("[stdout]\n<repo:infra>\n[EOF]"));
        assert_eq!(
            faces[1].text,
            "== fresh\n\n[ds]\naudit/\ndata/<repo:infra>\n\n\
             [ds: namespace manifests]\ninfra/.namespace.json\n    {<repo:infra>}\n    [EOF]\n\n\
             [infra/.swamp.yaml: datastore]\ndatastore:\n  type: f\n\n\
             [bare/.swamp.yaml: datastore]\n(there is no .swamp.yaml)\n[EOF]\n"
        );
        assert!(faces.iter().all(|face| face.findings.is_empty()));
    }

    #[test]
    fn the_raw_text_is_kept_beside_the_redacted_one() {
        let faces = both(&gathered());
        for face in &faces {
            assert!(face.raw.contains(ID) && !face.text.contains(ID));
        }
        assert!(faces[0].pieces[0].0.contains("<repo:infra>"));
        assert!(faces[0].pieces[0].1.contains(ID));
    }

    #[test]
    fn what_redaction_leaves_is_found_on_each_surface() {
        let mut gathered = gathered();
        gathered.transcript[0].stderr = "1970-01-01T00:00:00.000Z".into();
        gathered.checkpoints[0].trees[0]
            .1
            .entries
            .push("swamp-uat at 127.0.0.1".into());
        let found: Vec<_> = both(&gathered)
            .iter()
            .map(|face| face.findings.first().map(|finding| finding.what))
            .collect();
        assert_eq!(found, [Some("time"), Some("loopback address")]);
    }

    #[test]
    fn the_sandbox_is_audited_by_its_name() {
        let sandbox = Sandbox::new(sandbox::World::First, None).unwrap();
        let top = sandbox.top();
        let name = top.file_name().unwrap().to_string_lossy();
        assert_eq!(auditor(&sandbox).findings(&format!("x{name}y")).len(), 1);
    }

    #[test]
    fn the_datastore_block_ends_where_the_next_key_begins() {
        assert_eq!(datastore_block("a: 1\n"), "");
        assert_eq!(
            datastore_block("a: 1\ndatastore:\n  d:\n    - x\n  n: y\nz: 1\ndatastore: 2\n"),
            "datastore:\n  d:\n    - x\n  n: y\n"
        );
    }
}
