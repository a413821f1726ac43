//! From what a trial gathered to the texts of its surfaces: redaction, order, audit.

use jiff::Timestamp;

use crate::backend::{self, Backend};
use crate::machine::sandbox::Sandbox;
use crate::render::change::{self, Checkpoint, Section};
use crate::render::redact::{Aliases, Auditor, Finding, Redactor, Rule, Weight, World, machine};
use crate::render::surface::Surface;
use crate::render::transcript::{self, Entry, Look};
use crate::render::tree::Listing;
use crate::render::yaml;
use crate::scenario::record::{CheckpointData, TrialRecord};
use crate::secret;

/// One surface of a trial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RenderedSurface {
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

/// The surfaces of a trial on `backend`.
pub(crate) fn faces(
    gathered: &TrialRecord,
    sandbox: &Sandbox,
    versions: Vec<String>,
    started: Timestamp,
    backend: &dyn Backend,
) -> Vec<RenderedSurface> {
    let (kind, surfaces) = (backend.kind(), backend.surfaces());
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
    for (name, token) in backend::own_names(kind, &gathered.buckets, &gathered.endpoints()) {
        literals.push((name, token, Rule::Store));
    }
    for endpoint in gathered.endpoints() {
        literals.push((endpoint.to_owned(), "<endpoint>".to_owned(), Rule::Endpoint));
        let host = endpoint.rsplit('/').next().unwrap_or(endpoint);
        literals.push((host.to_owned(), "<host>".to_owned(), Rule::Endpoint));
    }
    let world = World {
        literals,
        versions,
        window: started..=Timestamp::now(),
        longest: gathered.longest_command,
    };
    let mut redactor = Redactor::new(world, aliases);
    let mut auditor = auditor(sandbox);
    for (_, bucket) in &gathered.buckets {
        auditor.forbid("bucket name", &bucket.name);
    }
    // In this order ids that nobody knows are numbered.
    let entries = transcript::entries(&gathered.transcript, Some(&mut redactor));
    let mut listed = Vec::new();
    for surface in surfaces {
        listed.extend(match surface {
            Surface::Cli => None,
            Surface::Tree => Some((*surface, both(&gathered.checkpoints, &mut redactor, trees))),
            Surface::Bucket => Some((
                *surface,
                both(&gathered.checkpoints, &mut redactor, buckets),
            )),
        });
    }
    let looks = looks(&listed, &gathered.checkpoints);
    surfaces
        .iter()
        .map(|surface| {
            let of_surface = listed.iter().find(|(other, _)| other == surface);
            let (text, raw, pieces) = match of_surface {
                None => cli(gathered, &entries, &looks),
                Some((_, (redacted, raw))) => {
                    (change::render(redacted), change::render(raw), Vec::new())
                }
            };
            let mut findings = auditor.findings(&text);
            findings.extend(secrets(&raw));
            let hidden = |text: String| secret::hide(&text).into_owned();
            RenderedSurface {
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

fn cli(gathered: &TrialRecord, entries: &[Entry], looks: &[Look]) -> Rendered {
    let raw = transcript::entries(&gathered.transcript, None);
    let text = |entry: &Entry| match entry {
        Entry::Text(text) => Some(text.clone()),
        Entry::Quiet { .. } | Entry::Look(_) => None,
    };
    let pieces = entries.iter().zip(&raw);
    let pieces = pieces.filter_map(|(redacted, raw)| Some((text(redacted)?, text(raw)?)));
    (
        transcript::render(entries, looks),
        transcript::render(&raw, looks),
        pieces.collect(),
    )
}

/// The sections of one surface at a checkpoint, redacted if there is a redactor.
type Sections = fn(&CheckpointData, Option<&mut Redactor>) -> Vec<Section>;

/// Checkpoints as one surface shows them: redacted, and raw.
type Listed = (Vec<Checkpoint>, Vec<Checkpoint>);

fn both(checkpoints: &[CheckpointData], redactor: &mut Redactor, sections: Sections) -> Listed {
    let at = |seen: &CheckpointData, redactor: Option<&mut Redactor>| Checkpoint {
        name: seen.name.clone(),
        is_layout: seen.is_layout,
        sections: sections(seen, redactor),
    };
    let redacted = checkpoints
        .iter()
        .map(|seen| at(seen, Some(&mut *redactor)));
    let redacted = redacted.collect();
    (
        redacted,
        checkpoints.iter().map(|seen| at(seen, None)).collect(),
    )
}

/// The checkpoints, each with whether it is as the one before it on all surfaces that show what
/// lies where.
fn looks(listed: &[(Surface, Listed)], checkpoints: &[CheckpointData]) -> Vec<Look> {
    let same = |index: usize| {
        let mut surfaces = listed.iter().map(|(_, (redacted, _))| redacted);
        index > 0 && surfaces.all(|all| all[index].sections == all[index - 1].sections)
    };
    let looks = checkpoints.iter().enumerate().map(|(index, seen)| Look {
        name: seen.name.clone(),
        unchanged: same(index),
    });
    looks.collect()
}

fn trees(seen: &CheckpointData, mut redactor: Option<&mut Redactor>) -> Vec<Section> {
    let mut sections = stores(seen, &seen.trees, redactor.as_deref_mut());
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
            is_listing: false,
            lines: lines(&block, redactor.as_deref_mut()),
            twin_of: None,
        });
    }
    sections
}

fn buckets(seen: &CheckpointData, redactor: Option<&mut Redactor>) -> Vec<Section> {
    stores(seen, &seen.buckets, redactor)
}

/// A section for each store: its entries, a namespace manifest among them with its content.
fn stores(
    seen: &CheckpointData,
    listings: &[(String, Listing)],
    mut redactor: Option<&mut Redactor>,
) -> Vec<Section> {
    let mut sections = Vec::new();
    for (store, listing) in listings {
        let mut entries = listing.entries.clone();
        for (path, content) in &listing.manifests {
            let entry = entries.iter_mut().find(|entry| *entry == path);
            if let Some(entry) = entry {
                *entry = format!("{path} {}", in_one_line(content));
            }
        }
        let lines = match redactor.as_deref_mut() {
            Some(redactor) => redactor.listing(&entries),
            None => {
                entries.sort();
                entries
            }
        };
        let title = store.clone();
        let mut twins = seen.twins.iter();
        sections.push(Section {
            twin_of: twins
                .find(|(second, _)| *second == title)
                .map(|(_, of)| of.clone()),
            title,
            is_listing: true,
            lines,
        });
    }
    sections
}

/// A manifest in one line: a JSON object that is indented by two, with whether a line break ends it.
/// Anything else as it is, as a text of JSON.
fn in_one_line(content: &str) -> String {
    let object: Option<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_str(content).ok();
    let Some(object) = object.map(serde_json::Value::Object) else {
        return serde_json::Value::from(content).to_string();
    };
    let printed = format!("{object:#}");
    if content == printed {
        format!("{object} (no line break at its end)")
    } else if content.strip_suffix('\n') == Some(&printed) {
        object.to_string()
    } else {
        serde_json::Value::from(content).to_string()
    }
}

fn lines(text: &str, redactor: Option<&mut Redactor>) -> Vec<String> {
    let text = match redactor {
        Some(redactor) => redactor.text(text),
        None => text.to_owned(),
    };
    text.lines().map(str::to_owned).collect()
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
    use crate::backend::store::Bucket;
    use crate::kind::Kind;
    use crate::machine::sandbox;
    use crate::render::output::Output;
    use crate::render::transcript::{Command, End, Line};

    const ID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

    fn output(stdout: &str, stderr: &str) -> Output {
        Output {
            repo: "infra".into(),
            args: vec!["list".into()],
            code: 0,
            stdout: stdout.into(),
            stderr: stderr.into(),
            took: crate::render::redact::Took::default(),
            beside_others: false,
        }
    }

    fn shown(output: Output) -> Line {
        Line::Command(Command {
            index: 1,
            repo: output.repo.clone(),
            env: Vec::new(),
            args: output.args.clone(),
            stdin: None,
            bound: false,
            namespaced: false,
            end: End::Shown(Box::new(output)),
        })
    }

    fn gathered() -> TrialRecord {
        let listing = Listing {
            entries: vec![
                format!("data/{ID}"),
                "audit/".into(),
                "infra/.namespace.json".into(),
            ],
            manifests: vec![(
                "infra/.namespace.json".into(),
                format!("{{\n  \"repoId\": \"{ID}\"\n}}\n"),
            )],
            ..Listing::default()
        };
        let fresh = CheckpointData {
            name: "fresh".into(),
            is_layout: true,
            trees: vec![("ds".into(), listing)],
            buckets: Vec::new(),
            repos: vec![
                (
                    "infra".into(),
                    Some("a: 1\ndatastore:\n  type: f\nz: 2\n".into()),
                ),
                ("bare".into(), None),
            ],
            twins: Vec::new(),
        };
        let later = CheckpointData {
            name: "later".into(),
            is_layout: false,
            ..fresh.clone()
        };
        TrialRecord {
            transcript: vec![
                shown(output(&format!("{ID}\n"), "")),
                Line::Look(0),
                Line::Look(1),
            ],
            checkpoints: vec![fresh, later],
            roles: vec![(ID.into(), "repo:infra".into())],
            ..TrialRecord::default()
        }
    }

    fn on(kind: Kind, gathered: &TrialRecord) -> Vec<RenderedSurface> {
        let sandbox = Sandbox::new(sandbox::World::First, None).unwrap();
        faces(
            gathered,
            &sandbox,
            vec!["1.2.3".into()],
            Timestamp::now(),
            kind.backend(),
        )
    }

    fn both(gathered: &TrialRecord) -> Vec<RenderedSurface> {
        on(Kind::Filesystem, gathered)
    }

    #[test]
    fn one_id_has_one_name_on_every_surface() {
        let faces = both(&gathered());
        assert_eq!(
            faces[0].text,
            "$ swamp list  # in infra\n<repo:infra>\n[EOF]\n== fresh\n== later: nothing changed\n"
        );
        assert_eq!(
            faces[1].text,
            "== fresh: all of it\n[ds]\naudit/\ndata/<repo:infra>\n\
             infra/.namespace.json {\"repoId\":\"<repo:infra>\"}\n\
             [infra/.swamp.yaml: datastore]\ndatastore:\n  type: f\n\
             [bare/.swamp.yaml: datastore]\n(there is no .swamp.yaml)\n\
             == later: nothing changed\n[EOF]\n"
        );
        assert!(faces.iter().all(|face| face.findings.is_empty()));
    }

    /// What a trial on `kind` says, with the names of `other` in it.
    fn named(kind: Kind, other: Kind) -> [String; 2] {
        let (name, (url, bucket)) = (other.name(), ("http://127.0.0.1:9", "uat-1-ds"));
        let (config, yaml) = match other {
            Kind::Gcs => (
                format!(r#""bucket":"{bucket}","projectId":"swamp-uat","apiEndpoint":"{url}""#),
                format!("    projectId: swamp-uat\n    apiEndpoint: \"{url}\"\n"),
            ),
            _ => (
                format!(
                    r#""bucket":"{bucket}","region":"us-east-1","endpoint":"{url}","forcePathStyle":true"#
                ),
                format!(
                    "    region: us-east-1\n    endpoint: \"{url}\"\n    forcePathStyle: true\n"
                ),
            ),
        };
        let mut gathered = gathered();
        let mut output = output(
            &format!("at @swamp/{name}-datastore\n"),
            &format!("[{name}-sync] done\n"),
        );
        output.args = vec![
            format!("{{{config}}}"),
            format!("{{{config},\"prefix\":\"p\"}}"),
        ];
        gathered.transcript = vec![shown(output)];
        gathered.buckets = vec![(
            "ds".into(),
            Bucket {
                kind,
                name: bucket.into(),
                endpoint: url.into(),
                prefix: String::new(),
            },
        )];
        gathered.checkpoints[0].repos[0].1 = Some(format!(
            "datastore:\n  type: \"@swamp/{name}-datastore\"\n  config:\n    bucket: {bucket}\n{yaml}\
             \x20   prefix: p\n"
        ));
        let faces = on(kind, &gathered);
        [0, 1].map(|index: usize| faces[index].text.clone())
    }

    #[test]
    fn a_backend_is_called_by_its_own_names_alone_and_another_ones_are_a_drift() {
        let [cli, tree] = named(Kind::S3, Kind::S3);
        assert_eq!(
            cli,
            "$ swamp '{<config of ds>}' '{<config of ds>,\"prefix\":\"p\"}'  # in infra\n\
             at @swamp/<store>-datastore\n[EOF]\n[stderr]\n[<store>-sync] done\n[EOF]\n"
        );
        assert!(
            tree.contains(
                "datastore:\n  type: \"@swamp/<store>-datastore\"\n  config:\n    <config of ds>\n\
                 \x20   prefix: p\n"
            ),
            "{tree}"
        );
        assert_eq!(named(Kind::Gcs, Kind::Gcs), [cli.clone(), tree.clone()]);
        for (kind, other) in [(Kind::Gcs, Kind::S3), (Kind::S3, Kind::Gcs)] {
            let name = other.name();
            let [said, lies] = named(kind, other);
            for odd in [
                format!("[{name}-sync]"),
                format!("@swamp/{name}-datastore"),
                "{\"bucket\":\"<bucket:ds>\"".to_owned(),
            ] {
                assert!(said.contains(&odd), "{said}");
            }
            assert!(lies.contains(&format!("@swamp/{name}-datastore")), "{lies}");
            assert!(lies.contains("    bucket: <bucket:ds>\n"), "{lies}");
        }
    }

    #[test]
    fn a_manifest_stands_in_one_line_that_tells_its_form() {
        for (content, line) in [
            ("{\n  \"a\": 1\n}\n", r#"{"a":1}"#),
            ("{\n  \"a\": 1\n}", r#"{"a":1} (no line break at its end)"#),
            ("{\"a\":1}\n", r#""{\"a\":1}\n""#),
            ("{ not json", r#""{ not json""#),
            ("[]\n", r#""[]\n""#),
            ("", r#""""#),
        ] {
            assert_eq!(in_one_line(content), line);
        }
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
        gathered.transcript[0] = shown(output("", "1970-01-01T00:00:00.000Z"));
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
