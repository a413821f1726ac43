//! What a swamp can do that no golden shows: each wrapper around the reference does one such thing,
//! and a trial that was green before says what it was.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{REFERENCE, Scratch, all_said};

/// One wrapper.
struct Wrapper {
    /// What it does, for people.
    what: &'static str,
    /// The commands that it does it after, as a pattern of the shell.
    after: &'static str,
    /// What it does then, in the repo. `$said` is what the command printed, and may be changed;
    /// `$ds` is the datastore's directory, or the home where that is in a bucket.
    does: &'static str,
    /// The trial that it is tried on.
    trial: &'static str,
    /// What the trial says of it.
    told: &'static str,
}

const fn wrapper(
    what: &'static str,
    after: &'static str,
    does: &'static str,
    trial: &'static str,
    told: &'static str,
) -> Wrapper {
    Wrapper {
        what,
        after,
        does,
        trial,
        told,
    }
}

const INIT: &str = "'repo init'*";
const SETUP: &str = "'datastore setup'*";
const SET: &str = "'datastore namespace set'*";
const RUN: &str = "'model method run'*";
const PUT: &str = "'vault put'*";

/// Edits what the command said. The dot keeps the shell from taking the last newline away.
macro_rules! says {
    ($edit:literal) => {
        concat!(
            "said=$(printf '%s' \"$said\" | sed -E '",
            $edit,
            "'; echo .) said=${said%.}"
        )
    };
}

/// Makes a digit another one, whatever it is, where that stands before it and that after it.
macro_rules! another_digit {
    ($before:literal, $after:literal) => {
        concat!(
            "said=$(printf '%s' \"$said\" | sed -E 's/(",
            $before,
            ")0(",
            $after,
            ")/\\11\\2/;t;s/(",
            $before,
            ")[1-9a-f](",
            $after,
            ")/\\10\\2/'; echo .) said=${said%.}"
        )
    };
}

/// Edits files of that name below a directory.
macro_rules! edits {
    ($dir:literal, $name:literal, $edit:literal) => {
        concat!(
            "find ",
            $dir,
            " -path '",
            $name,
            "' -exec sed -i -E '",
            $edit,
            "' {} +"
        )
    };
}

/// Sets the permissions of what has that name below a directory.
macro_rules! opens {
    ($dir:literal, $name:literal, $mode:literal) => {
        concat!(
            "find ",
            $dir,
            " -path '",
            $name,
            "' -exec chmod ",
            $mode,
            " {} +"
        )
    };
}

/// Makes the times in lines with a word other ones, by a few milliseconds.
macro_rules! shifts {
    ($word:literal) => {
        concat!(
            "said=$(printf '%s' \"$said\" | sed -E '/",
            $word,
            "/{s/9Z/8Z/;t;s/[0-8]Z/9Z/}'; echo .) said=${said%.}"
        )
    };
}

/// Asks the S3 endpoint of the repo for something about a key of its bucket.
macro_rules! asks {
    ($method:literal, $key:literal) => {
        concat!(
            "python3 -c \"import re, urllib.request as u; t = open('.swamp.yaml').read(); ",
            "g = lambda k: re.search(k + ': [^A-Za-z0-9]?([^\\n]*[a-z0-9])', t).group(1); ",
            "u.urlopen(u.Request(g('endpoint') + '/' + g('bucket') + ",
            $key,
            ", data=b'x', method='",
            $method,
            "'))\""
        )
    };
}

/// Asks the S3 endpoint of the repo for something by lines of Python: `ask(method, path, body)`
/// below its bucket.
macro_rules! s3 {
    ($lines:literal) => {
        concat!(
            "python3 -c \"import re, urllib.request as u; t = open('.swamp.yaml').read()\n",
            "g = lambda k: re.search(k + ': [^A-Za-z0-9]?([^\\n]*[a-z0-9])', t).group(1)\n",
            "def ask(method, path, body=None, **headers):\n",
            "    r = u.Request(g('endpoint') + '/' + g('bucket') + path, data=body, method=method, headers=headers)\n",
            "    return u.urlopen(r).read()\n",
            $lines,
            "\""
        )
    };
}

/// The same for GCS: `ask(method, key, fields)` changes what is set for the object `key`.
macro_rules! gcs {
    ($lines:literal) => {
        concat!(
            "python3 -c \"import json, re, urllib.request as u; t = open('.swamp.yaml').read()\n",
            "g = lambda k: re.search(k + ': [^A-Za-z0-9]?([^\\n]*[a-z0-9])', t).group(1)\n",
            "key = g('namespace') + '%2F.catalog-export.json'\n",
            "def ask(method, key, fields):\n",
            "    r = u.Request(g('apiEndpoint') + '/storage/v1/b/' + g('bucket') + '/o/' + key, data=json.dumps(fields).encode(), method=method, headers={'content-type': 'application/json'})\n",
            "    return u.urlopen(r).read()\n",
            $lines,
            "\""
        )
    };
}

/// Changes the rows of the repo's catalog.
macro_rules! rows {
    ($sql:literal) => {
        concat!(
            "python3 -c \"import sqlite3; c = sqlite3.connect('.swamp/data/_catalog.db'); ",
            "c.execute(\\\"",
            $sql,
            "\\\"); c.commit()\""
        )
    };
}

/// The trials that they are tried on: a command, a migration, a vault, a workflow, a bucket.
const SET_TRIAL: &str = "s03_set_already_set::filesystem";
const MIGRATION: &str = "s12_forward_round_trip::filesystem";
const INTEGRITY: &str = "s13_data_integrity::filesystem";
const VAULT: &str = "s52_default_datastore::filesystem";
const WORKFLOW: &str = "s33_workflow::filesystem";
/// A migration beside another namespace.
const NEIGHBOURS: &str = "s59_beside_another_namespace::filesystem";
/// Queries and expressions.
const QUERY: &str = "s31_solo_has_no_column::filesystem";
const FOREIGN: &str = "s26_foreign_namespace::filesystem";
const UNAMBIGUOUS: &str = "s28_wildcard_unambiguous::filesystem";

#[rustfmt::skip]
const WRAPPERS: &[Wrapper] = &[
    // What commands say.
    wrapper("init prints garbage", INIT, "said=garbage", SET_TRIAL, "expected value"),
    wrapper("init loses a field", INIT, says!("/removedTools/d"), SET_TRIAL, "removedTools"),
    wrapper("init names another path", INIT, says!("s|/infra|/other|"), SET_TRIAL, "path is"),
    wrapper("setup names another path", SETUP, says!("s|(\"path\": .*)/ds|\\1/other|"), SET_TRIAL, "path is"),
    wrapper("setup names another type", SETUP, says!("s/\"filesystem\"/\"s3\"/"), SET_TRIAL, "type is"),
    wrapper("setup has a namespace", SETUP, says!("s/^( *)\"errors\"/\\1\"namespace\": \"x\",\\n&/"), SET_TRIAL, "unknown field `namespace`"),
    wrapper("setup copies -7 files", SETUP, says!("s/(filesCopied\": )0/\\1-7/"), SET_TRIAL, "-7"),
    wrapper("setup copies files of nobody", SETUP, says!("s/(filesCopied\": )0/\\112345/"), SET_TRIAL, "12345 files"),
    wrapper("set names another datastore", SET, says!("s|/ds\"|/sd\"|"), SET_TRIAL, "datastorePath is"),
    wrapper("a run says that it failed", RUN, says!("s/\"succeeded\"/\"failed\"/"), MIGRATION, "status is Failed"),
    wrapper("a run tells of another output", RUN, says!("s/(stdout\": \")hi/\\1ho/"), MIGRATION, "attributes is"),
    wrapper("a run forgets what it wrote", RUN, "said=$(printf '%s' \"$said\" | sed -zE 's/,\\n    \\{\\n[^{}]*\"name\": \"log\"[^{}]*\\}//'; echo .) said=${said%.}", MIGRATION, "dataArtifacts is"),
    wrapper("records tell of another version", RUN, edits!("$ds", "*/outputs/*.yaml", "s/version: 1$/version: 7/"), MIGRATION, "dataArtifacts is"),
    wrapper("records are of another run", RUN, edits!("$ds", "*/outputs/*.yaml", "s/^id: ..../id: 0000/"), MIGRATION, "no record has the outputId"),
    wrapper("versions have another size", "'data versions'*", says!("s/(size\": )[0-9]+/\\1987654/"), INTEGRITY, "size is 987654"),
    wrapper("versions have another checksum", "'data versions'*", says!("s/(checksum\": \")....../\\1000000/"), INTEGRITY, "checksum is"),
    wrapper("init is on one line", INIT, "said=$(printf '%s' \"$said\" | tr -d '\\n'; echo; echo .) said=${said%.}", SET_TRIAL, "not laid out"),
    wrapper("init has four blanks a level", INIT, says!("s/^( +)/\\1\\1/"), SET_TRIAL, "not laid out"),
    wrapper("init has carriage returns", INIT, says!("s/$/\\r/"), SET_TRIAL, "not laid out"),
    wrapper("init begins with a blank line", INIT, "said=$(echo; printf '%s.' \"$said\") said=${said%.}", SET_TRIAL, "not laid out"),
    wrapper("init ends with a blank line", INIT, "said=$(printf '%s' \"$said\"; echo; echo .) said=${said%.}", SET_TRIAL, "not laid out"),
    wrapper("init ends in the middle of a line", INIT, "said=$(printf '%s' \"$said\")", SET_TRIAL, "not laid out"),
    wrapper("set does not warn of data that stays", SET, says!("/\"warning\"/d"), MIGRATION, "there is no warning"),
    wrapper("a field is there twice", INIT, says!("s/^  \"version\": .*/&\\n&/"), SET_TRIAL, "a field is there twice"),
    wrapper("init tells its fields in another order", INIT, says!("/\"path\"/{h;d};/\"version\"/{G}"), SET_TRIAL, "come in the order version, path"),
    wrapper("a run took longer than it took", RUN, says!("s/^(  \"duration\": )[0-9]+/\\1987654/"), MIGRATION, "a duration is 987654 ms"),
    wrapper("a run was never given its input", RUN, "said=$(printf '%s' \"$said\" | sed -zE 's/(\"methodArguments\": )\\{[^}]*\\}/\\1{}/'; echo .) said=${said%.}", MIGRATION, "methodArguments is"),
    wrapper("versions are of another year", "'data versions'*", says!("s/(createdAt\": \")20../\\11999/"), INTEGRITY, "createdAt is"),
    wrapper("a list has other ids", "'data list'*", another_digit!("\"id\": \"", ""), MIGRATION, "id is"),
    // A repo.
    wrapper("set appends to a model", SET, "for f in models/command/shell/*; do echo '# x' >> $f; done", MIGRATION, "models/command/shell/hello.yaml"),
    wrapper("list appends to a model", "'data list'*", "for f in models/command/shell/*; do echo '# x' >> $f; done", MIGRATION, "models/command/shell/hello.yaml"),
    wrapper("set appends to .swamp.yaml", SET, "echo 'telemetry: true' >> .swamp.yaml", "s12_forward_round_trip::filesystem", "unknown field `telemetry`"),
    wrapper("migrate changes the repo's tools", "'datastore namespace migrate'*", "sed -i 's/^tools: .*/tools:\\n  - x/' .swamp.yaml", MIGRATION, "differs in more than the datastore"),
    wrapper("set adds a line to .gitignore", SET, "echo x >> .gitignore", SET_TRIAL, "infra/.gitignore"),
    wrapper("init has another .gitignore", INIT, "sed -i 2d .gitignore", SET_TRIAL, "infra/.gitignore: it has other lines"),
    wrapper("a run removes .gitignore", RUN, "rm .gitignore", MIGRATION, "removed infra/.gitignore"),
    // Permissions.
    wrapper("secrets are open", PUT, opens!(".swamp/secrets", "*.enc", "644"), VAULT, "permissions are 644, and must be 600"),
    wrapper("keys are open", PUT, opens!(".swamp/secrets", "*/.key", "640"), VAULT, "permissions are 640, and must be 600"),
    wrapper("the vault's directory is open", PUT, opens!(".swamp/secrets", "*/v", "755"), VAULT, "permissions are 755, and must be 700"),
    wrapper("a migration opens secrets", "'datastore namespace migrate'*", opens!(".swamp", "*.enc", "644"), VAULT, "permissions are 644, and must be 600"),
    wrapper("data is closed", RUN, opens!("$ds", "*/raw", "000"), MIGRATION, "permissions are 0, and must be 644"),
    wrapper("metadata is open", RUN, opens!("$ds", "*/metadata.yaml", "666"), MIGRATION, "permissions are 666, and must be 644"),
    wrapper("a directory is closed", RUN, opens!("$ds", "*/log/1", "700"), MIGRATION, "permissions are 700, and must be 755"),
    // Beside it all.
    wrapper("a file in the home", SET, "echo x > $HOME/.swamprc", SET_TRIAL, "home/.swamprc"),
    wrapper("a directory in the home", RUN, "mkdir -p $HOME/.cache/x", MIGRATION, "home/.cache"),
    wrapper("another file in the configuration", INIT, "echo x > $HOME/.config/swamp/x", SET_TRIAL, "home/.config/swamp/x"),
    wrapper("a file beside the repos", SET, "echo x > ../stray", SET_TRIAL, "made stray"),
    wrapper("a FIFO beside the repos", SET, "mkfifo ../pipe 2>/dev/null", SET_TRIAL, "a FIFO"),
    wrapper("a link in the repo", RUN, "ln -s / all", MIGRATION, "a link to /"),
    wrapper("a FIFO in the repo", RUN, "mkfifo .swamp/pipe", MIGRATION, "a FIFO"),
    // Data where no datastore is.
    wrapper("data is copied to the repo", RUN, "cp -r $ds/data .swamp/", MIGRATION, "infra/.swamp/data/command"),
    wrapper("data is copied to another namespace in the repo", RUN, "mkdir .swamp/evil && cp -r $ds/data .swamp/evil/", MIGRATION, "infra/.swamp/evil/data"),
    wrapper("data is copied to the home", RUN, "d=$HOME/.swamp/repos/$(sed -n 's/^repoId: //p' .swamp.yaml) && mkdir -p $d && cp -r $ds/data $d/", MIGRATION, "home/.swamp/repos/"),
    wrapper("records are copied to the repo", RUN, "cp -r $ds/outputs .swamp/", MIGRATION, "infra/.swamp/outputs"),
    // Contents.
    wrapper("records say failed", RUN, edits!("$ds", "*/outputs/*.yaml", "s/^status: .*/status: failed/"), MIGRATION, "its status is not"),
    wrapper("records lose a field", RUN, edits!("$ds", "*/outputs/*.yaml", "/^retryCount/d"), MIGRATION, "retryCount"),
    wrapper("records of workflows lose a field", "'workflow run'*", edits!("$ds", "*/workflow-runs/*.yaml", "/^triggerSource/d"), WORKFLOW, "triggerSource"),
    wrapper("data is not what its metadata says", RUN, edits!("$ds", "*/log/1/raw", "s/hi/ho/"), MIGRATION, "another size or digest"),
    wrapper("audit is garbage", PUT, edits!(".swamp", "*/audit/*", "s/.*/garbage/"), VAULT, "vault-audit-"),
    wrapper("audit tells the secret", PUT, edits!(".swamp", "*/audit/*", "s/}$/,\"value\":\"s3cret\"}/"), VAULT, "it tells the secret"),
    wrapper("audit of another action", PUT, edits!(".swamp", "*/audit/*", "s/\"put\"/\"eat\"/"), VAULT, "an action that nobody knows"),
    wrapper("logs of runs are garbage", RUN, edits!(".swamp", "*/outputs/*.log", "s/.*/garbage/"), MIGRATION, "no line of a log"),
    wrapper("logs of runs have no time", RUN, edits!(".swamp", "*/outputs/*.log", "s/^[^ ]+ //"), MIGRATION, "no line of a log"),
    wrapper("records are of another year", RUN, edits!("$ds", "*/outputs/*.yaml", "s/^(startedAt: .)20../\\11999/"), MIGRATION, "by what it holds"),
    wrapper("records are of the future", RUN, edits!("$ds", "*/outputs/*.yaml", "s/^(completedAt: .)20../\\12999/"), MIGRATION, "and the trial of"),
    wrapper("records took longer than they took", RUN, edits!("$ds", "*/outputs/*.yaml", "s/^durationMs: .*/durationMs: 987654/"), MIGRATION, "its duration is"),
    wrapper("records are of no process", RUN, edits!("$ds", "*/outputs/*.yaml", "s/^pid: .*/pid: 0/"), MIGRATION, "expected a nonzero u32"),
    wrapper("records break off", RUN, "find $ds -path '*/outputs/*.yaml' -exec truncate -s -1 {} +", MIGRATION, "does not end with one newline"),
    wrapper("records of workflows are of no process", "'workflow run'*", edits!("$ds", "*/workflow-runs/*.yaml", "s/^pid: .*/pid: 0/"), WORKFLOW, "expected a nonzero u32"),
    wrapper("steps of workflows are of another year", "'workflow run'*", edits!("$ds", "*/workflow-runs/*.yaml", "s/^( +startedAt: .)20../\\11999/"), WORKFLOW, "times outside of the whole"),
    wrapper("the index of runs is of another year", "'workflow run'*", edits!(".swamp", "*/.runs-index.json", "s/(\"startedAt\": ?\")20../\\11999/"), WORKFLOW, "and the trial of"),
    wrapper("logs of runs are empty", RUN, "find .swamp -name '*.log' -exec truncate -s 0 {} +", MIGRATION, "its log is empty"),
    wrapper("logs of workflows are empty", "'workflow run'*", "find .swamp -name '*.log' -exec truncate -s 0 {} +", WORKFLOW, "its log is empty"),
    wrapper("logs of runs say something else", RUN, edits!(".swamp", "*/outputs/*.log", "s/hi$/ho/"), MIGRATION, "the lines of its log is"),
    wrapper("logs of runs say more", RUN, edits!(".swamp", "*/outputs/*.log", "p"), MIGRATION, "the lines of its log is"),
    wrapper("logs of runs are of another year", RUN, edits!(".swamp", "*/outputs/*.log", "s/^20../1999/"), MIGRATION, "and the trial of"),
    wrapper("a run has two logs", RUN, "for f in $(find .swamp -name '*.log'); do cp $f ${f%???Z.log}000Z.log; done", MIGRATION, "2 files of the kind Log"),
    wrapper("records have a comment", RUN, edits!("$ds", "*/outputs/*.yaml", "$ s/$/\\n# x/"), MIGRATION, "more in it than its values"),
    wrapper("records have carriage returns", RUN, edits!("$ds", "*/outputs/*.yaml", "s/$/\\r/"), MIGRATION, "carriage returns"),
    wrapper("records have another order", RUN, edits!("$ds", "*/outputs/*.yaml", "1{h;d};2{G}"), MIGRATION, "come in the order"),
    wrapper("records are of another definition", RUN, edits!("$ds", "*/outputs/*.yaml", "s/(definitionHash: )......../\\100000000/"), MIGRATION, "definitionHash is"),
    wrapper("records are of another version of the model", RUN, edits!("$ds", "*/outputs/*.yaml", "s/(modelVersion: )..../\\11999/"), MIGRATION, "modelVersion is"),
    wrapper("records are of a workflow", RUN, edits!("$ds", "*/outputs/*.yaml", "s/(triggeredBy: ).*/\\1workflow/"), MIGRATION, "its part in a workflow is"),
    wrapper("records are of somebody else", RUN, edits!("$ds", "*/outputs/*.yaml", "s/^(  initiatedBy: ).*/\\1root/"), MIGRATION, "who began it is"),
    wrapper("records have other tags", RUN, edits!("$ds", "*/outputs/*.yaml", "s/^(        modelName: ).*/\\1other/"), MIGRATION, "the tags of"),
    wrapper("records name another log", RUN, edits!("$ds", "*/outputs/*.yaml", "s|^(  ).swamp/outputs/|\\1.swamp/other/|"), MIGRATION, "its log is"),
    wrapper("a job of a workflow failed", "'workflow run'*", edits!("$ds", "*/workflow-runs/*.yaml", "s/^(    status: )succeeded/\\1failed/"), WORKFLOW, "a job failed is"),
    wrapper("a step of a workflow failed", "'workflow run'*", edits!("$ds", "*/workflow-runs/*.yaml", "s/^(        status: )succeeded/\\1failed/"), WORKFLOW, "a step has an error is"),
    wrapper("a workflow did less", "'workflow run'*", edits!("$ds", "*/workflow-runs/*.yaml", "s/^(  completed: ).*/\\11/"), WORKFLOW, "what the index of runs says of it"),
    wrapper("records of workflows have other tags", "'workflow run'*", edits!("$ds", "*/workflow-runs/*.yaml", "s/^( +job: ).*/\\1other/"), WORKFLOW, "the tag job is"),
    wrapper("the index of runs has another run", "'workflow run'*", edits!(".swamp", "*/.runs-index.json", "s/(entries...\")..../\\10000/"), WORKFLOW, "the runs in it is"),
    wrapper("a step has no record", "'workflow run'*", "rm -r .swamp/outputs", WORKFLOW, "what the records of its steps say is"),
    wrapper("the record of a step has other data", "'workflow run'*", edits!(".swamp", "*/outputs/*.yaml", "s/(dataId: )..../\\10000/"), WORKFLOW, "what the records of its steps say is"),
    wrapper("the index of runs has another name", "'workflow run'*", edits!(".swamp", "*/.runs-index.json", "s/(workflowName.:.)/\\1x/"), WORKFLOW, "what the index of runs says of it"),
    wrapper("a migration renews records", "'datastore namespace migrate'*", edits!("$ds", "*/outputs/*.yaml", "s/^(  definitionHash: )..../\\10000/"), MIGRATION, "a migration changes nothing"),
    wrapper("a migration renews metadata", "'datastore namespace migrate'*", edits!("$ds", "*/metadata.yaml", "s/^(garbageCollection: ).*/\\11/"), MIGRATION, "a migration changes nothing"),
    wrapper("a migration makes another key", "'datastore namespace migrate'*", edits!(".swamp", "*/.key", "s/^..../0000/"), VAULT, "a migration changes nothing"),
    wrapper("a run empties the logs of others", RUN, "find .swamp -name '*.log' | sort -r | tail -n +2 | xargs -r truncate -s 0", INTEGRITY, "a run changes nothing"),
    wrapper("logs of runs come from elsewhere", RUN, edits!(".swamp", "*/outputs/*.log", "s/hello/other/"), MIGRATION, "the lines of its log is"),
    wrapper("the oldest version is not listed", "'data versions'*", "said=$(printf '%s' \"$said\" | sed -zE 's/,\\n    \\{[^{}]*\"version\": 1,[^{}]*\\}//; s/(\"total\": )2/\\11/'; echo .) said=${said%.}", INTEGRITY, "is not in it"),
    wrapper("the repo has no id of its own", INIT, "sed -i -E 's/^(repoId: ).*/\\100000000-0000-0000-0000-000000000000/' .swamp.yaml", SET_TRIAL, "is no UUID"),
    // What is kept with data.
    wrapper("fewer versions of data are kept", RUN, edits!("$ds", "*/metadata.yaml", "s/^(garbageCollection: ).*/\\15/"), MIGRATION, "nobody said that it is kept so"),
    wrapper("data lives as nobody said", RUN, edits!("$ds", "*/metadata.yaml", "s/^(lifetime: ).*/\\1forever/"), MIGRATION, "how long it lives"),
    wrapper("no version of data is kept", RUN, edits!("$ds", "*/metadata.yaml", "s/^(garbageCollection: ).*/\\10/"), MIGRATION, "how many versions of it are kept"),
    wrapper("data loses a tag", RUN, edits!("$ds", "*/metadata.yaml", "/^  specName/d"), MIGRATION, "its tags name no model"),
    wrapper("data has one more tag", RUN, edits!("$ds", "*/metadata.yaml", "s/^tags:/&\\n  x: y/"), MIGRATION, "other tags than it was given"),
    wrapper("the latest version is 01", RUN, edits!("$ds", "*/latest", "s/^/0/"), MIGRATION, "it is no plain number"),
    wrapper("metadata has a comment", RUN, edits!("$ds", "*/metadata.yaml", "s/^size.*/& # x/"), MIGRATION, "more in it than its values"),
    // Vaults.
    wrapper("there are two vaults", "'vault create'*", "f=$(ls vaults/*/*.yaml); n=00000000-0000-4000-8000-000000000000; sed \"s/^id: .*/id: $n/\" $f > ${f%/*}/$n.yaml", VAULT, "2 files of the kind Vault"),
    wrapper("a vault is of another year", "'vault create'*", edits!("vaults", "*.yaml", "s/^(createdAt: .)20../\\11999/"), VAULT, "and the trial of"),
    wrapper("a vault makes no keys", "'vault create'*", edits!("vaults", "*.yaml", "s/(auto_generate: ).*/\\1false/"), VAULT, "its keys are not made"),
    wrapper("audit of another kind of vault", PUT, edits!(".swamp", "*/audit/*", "s/(vaultType.:.)[a-z_]+/\\1aws/"), VAULT, "another kind of vault"),
    wrapper("audit of nobody", PUT, edits!(".swamp", "*/audit/*", "s/(callerContext.:.)cli:/\\1/"), VAULT, "of nobody"),
    wrapper("audit tells the secret to whoever calls", PUT, edits!(".swamp", "*/audit/*", "s/(callerContext.:.cli:)/\\1s3cret /"), VAULT, "it tells "),
    wrapper("the secret is in another database", PUT, "echo $5 >> .swamp/run_tracker.db-wal", VAULT, "it tells the secret"),
    wrapper("audit of another year", PUT, edits!(".swamp", "*/audit/*", "s/(timestamp.:.)20../\\11999/"), VAULT, "and the trial of"),
    // What nobody looks into.
    wrapper("bundles hold data", RUN, "mkdir -p .swamp/bundles && cp -r $ds/data .swamp/bundles/", MIGRATION, "it is a copy of data"),
    wrapper("bundles lead out", RUN, "mkdir -p .swamp/bundles && ln -s /etc .swamp/bundles/x", MIGRATION, "a link to /etc"),
    wrapper("empty directories", RUN, "mkdir -p .swamp/outputs/a/b", MIGRATION, "made for nothing"),
    wrapper("data has a second name", RUN, "for f in $(find $ds -name raw); do ln -f $f $ds/../../hard; done", MIGRATION, "hard links"),
    wrapper("set comments .swamp.yaml", SET, "sed -i '1i # x' .swamp.yaml", MIGRATION, "more in it than its values"),
    wrapper("set has another order in .swamp.yaml", SET, "sed -i '1{h;d};2{G}' .swamp.yaml", MIGRATION, "come in the order"),
    wrapper("set writes .gitignore anew", SET, "cp .gitignore x && mv x .gitignore", MIGRATION, "no such command may touch it"),
    wrapper("a foreign manifest is written anew", "'datastore namespace migrate'*", "n=$(sed -n 's/^  namespace: //p' .swamp.yaml); f=$(find $ds -name .namespace.json -not -path \"$ds/$n/*\"); cp $f $f.x && mv $f.x $f", NEIGHBOURS, "no such command may touch it"),
    wrapper("a foreign manifest is closed and opened", "'datastore namespace migrate'*", "n=$(sed -n 's/^  namespace: //p' .swamp.yaml); f=$(find $ds -name .namespace.json -not -path \"$ds/$n/*\"); chmod 600 $f && chmod 644 $f", NEIGHBOURS, "no such command may touch it"),
    wrapper("audit tells of another vault", PUT, edits!(".swamp", "*/audit/*", "s/(\"vaultName\":\")/\\1x/"), VAULT, "another secret than the command"),
    wrapper("audit tells it twice", PUT, edits!(".swamp", "*/audit/*", "p"), VAULT, "an action twice"),
    wrapper("a migration leaves a copy", "'datastore namespace migrate'*", "cp -r $ds/infra .swamp/", MIGRATION, "infra/.swamp/infra"),
    // The catalog.
    wrapper("the catalog is removed", SET, "rm -f .swamp/data/_catalog.db*; true", MIGRATION, "no command removes a database"),
    wrapper("the catalog is emptied", SET, ": > .swamp/data/_catalog.db", MIGRATION, "it was emptied"),
    wrapper("the catalog is garbage", SET, "echo garbage > .swamp/data/_catalog.db", MIGRATION, "no database of SQLite"),
    wrapper("the catalog has one more table", "'data list'*", "python3 -c \"import sqlite3; sqlite3.connect('.swamp/data/_catalog.db').execute('CREATE TABLE IF NOT EXISTS x (y)')\"", MIGRATION, "its tables are"),
    wrapper("the catalog has one more index", "'data list'*", "python3 -c \"import sqlite3; sqlite3.connect('.swamp/data/_catalog.db').execute('CREATE INDEX IF NOT EXISTS x ON catalog(size)')\"", MIGRATION, "its indexes and numbers are"),
    wrapper("the catalog has a version of its own", "'data list'*", "python3 -c \"import sqlite3; sqlite3.connect('.swamp/data/_catalog.db').execute('PRAGMA user_version = 7')\"", MIGRATION, "its indexes and numbers are"),
    wrapper("a file beside the world", SET, "echo x > ../../stray", MIGRATION, "a command left stray beside its world"),
    wrapper("the catalog has a row about nothing", "'data list'*", "python3 -c \"import sqlite3; c = sqlite3.connect('.swamp/data/_catalog.db'); c.execute('UPDATE catalog SET size = -1'); c.commit()\"", MIGRATION, "data that cannot be"),
    wrapper("logs of workflows are garbage", "'workflow run'*", edits!(".swamp", "*/workflow-runs/*.log", "s/.*/garbage/"), WORKFLOW, "no line of a log"),
];

/// The same on buckets: what swamp keeps of them locally.
#[rustfmt::skip]
const ON_BUCKETS: &[Wrapper] = &[
    wrapper("records say failed", RUN, edits!("$HOME/.swamp", "*/outputs/*.yaml", "s/^status: .*/status: failed/" ), "s20_index_per_namespace::s3", "its status is not"),
    wrapper("records are of no process", RUN, edits!("$HOME/.swamp", "*/outputs/*.yaml", "s/^pid: .*/pid: 0/"), "s20_index_per_namespace::gcs", "expected a nonzero u32"),
    wrapper("records tell of another version", RUN, edits!("$HOME/.swamp", "*/outputs/*.yaml", "s/version: 1$/version: 7/"), "s20_index_per_namespace::s3", "dataArtifacts is"),
    wrapper("a run complains", RUN, "echo careful >&2", "s20_index_per_namespace::s3", "nobody knows this"),
    wrapper("a push of another content", "'datastore sync --push'*", "f=$(find $HOME/.swamp -path '*/outputs/*.yaml'); sed -i 's/^status: succeeded/status: failed/' $f; $swamp datastore sync --push >/dev/null 2>&1; sed -i 's/^status: failed/status: succeeded/' $f", "s20_index_per_namespace::s3", "holds what no local copy had"),
    wrapper("data is closed", "'datastore sync'*", opens!("$HOME/.swamp", "*/raw", "000"), "s20_index_per_namespace::s3", "permissions are 0, and must be 644"),
    wrapper("a push of -7 files", "'datastore sync --push'*", says!("s/(filesPushed\": ).*/\\1-7/"), "s20_index_per_namespace::gcs", "-7"),
    wrapper("a read writes to the bucket", "'data versions hello log'*", asks!("PUT", "'/evil/x'"), "s67_two_writers_at_once::s3", "holds what no local copy had"),
    wrapper("setup names another type", SETUP, says!("s/@swamp/@other/"), "s20_index_per_namespace::gcs", "type is"),
];

/// What a golden shows only as a token: the ids, times, durations and sizes in replies that it
/// shows, and numbers in those that it does not.
#[rustfmt::skip]
const IN_REPLIES: &[Wrapper] = &[
    // Ids: a golden gives each a name, and another one gets the same.
    wrapper("a shown list has other ids", "'data list'*", another_digit!("\"id\": \"", ""), "s12_forward_round_trip::filesystem", "id is"),
    wrapper("a shown query has other ids", "'data query'*--json", another_digit!("\"id\": \"", ""), QUERY, "id is"),
    wrapper("a shown list of a workflow is of another millisecond", "'data list --workflow'*--json", shifts!("createdAt"), WORKFLOW, "createdAt is"),
    wrapper("a row that an expression took over has another id", "'model evaluate'*", another_digit!("^      \"id\": \"", ""), FOREIGN, "globalArguments is"),
    wrapper("a shown run has another outputId", RUN, another_digit!("\"outputId\": \"", ""), "s60_backend_down::gcs", "no record has the outputId"),
    wrapper("a lock has another nonce", "'datastore lock status'*", another_digit!("\"nonce\": \"", ""), "s37_lock_status::filesystem", "no lock on the disk"),
    // Times within the trial.
    wrapper("a shown list is of another millisecond", "'data list'*", shifts!("createdAt"), "s12_forward_round_trip::filesystem", "createdAt is"),
    wrapper("a shown query is of another millisecond", "'data query'*--json", shifts!("createdAt"), QUERY, "createdAt is"),
    wrapper("data for people is of another millisecond", "'data get'*", shifts!("Created"), INTEGRITY, "Created is"),
    wrapper("namespaces are registered in another millisecond", "'datastore namespace list'*--json", shifts!("registeredAt"), "s08_list_json::filesystem", "repoId and registeredAt is"),
    wrapper("data for JSON is of another millisecond", "'data get'*--json", shifts!("createdAt"), "s39_pull_fills_the_catalog::gcs", "createdAt is"),
    wrapper("an upgrade is of another millisecond", "'repo upgrade'*", shifts!("upgradedAt"), "s47_solo_to_namespace::gcs", "upgradedAt is"),
    wrapper("a log has the time of init", "*", "case \"$*\" in 'repo init'*) sleep 1;; *unset*) t=$(sed -n \"s/^initializedAt: //p\" .swamp.yaml | tr -d \"'\\\"\"); said=$(printf '%s' \"$said\" | sed -E \"s/^[^ ]+Z( .INF.)/$t\\1/\"; echo .) said=${said%.};; esac", "s09_unset_happy_path::filesystem", "the time of a line is"),
    wrapper("a workflow was done before it began", "*", "case \"$*\" in 'repo init'*) sleep 2;; 'workflow run'*) t=$(sed -n 's/^initializedAt: .*T\\(..:..:..\\).*/\\1/p' .swamp.yaml); said=$(printf '%s' \"$said\" | sed -E \"s/..:..:.. UTC/$t UTC/\"; echo .) said=${said%.};; esac", UNAMBIGUOUS, "while the command ran"),
    // Durations that are not longer than the longest command.
    wrapper("a workflow took longer than it took", "*", "case \"$*\" in 'repo init'*) sleep 2;; 'workflow run'*) said=$(printf '%s' \"$said\" | sed -E 's/ in [0-9]+ms/ in 1900ms/'; echo .) said=${said%.};; esac", UNAMBIGUOUS, "a duration is 1900 ms"),
    wrapper("a workflow has another duration than its record", "'workflow run'*--json", says!("s/^(  \"duration\": )19\\b/\\118/;t;s/^(  \"duration\": )[0-9]+/\\119/"), "s27_wildcard_ambiguous::filesystem", "duration is Some(1"),
    // Sizes that a result can have.
    wrapper("a shown list has another size", "'data list'*", says!("s/(\"size\": )141\\b/\\1142/;t;s/(\"size\": )1[0-9][0-9]\\b/\\1141/"), "s12_forward_round_trip::filesystem", "size is 1"),
    wrapper("a list for people has another size", "'data list'*", says!("s/\\b141B/142B/;t;s/1[0-9][0-9]B/141B/"), "s17_data_written_before_migrate::filesystem", "as it says"),
    wrapper("a table has another size", "'data query'*", says!("s/\\b141B/142B/;t;s/1[0-9][0-9]B/141B/"), "s29_query_spans_all::filesystem", "as it says"),
    wrapper("a migration is of another size", "'datastore namespace migrate'*", says!("s/^(    [1-9][0-9]* file.s., )[0-9.]+ KB/\\11.7 KB/"), "s45_half_migrated::filesystem", "held"),
    wrapper("a preview is of another size", "'datastore namespace migrate'*", another_digit!("\"totalBytes\": [1-9][0-9]{2}", "\\b"), "s14_dry_run_accuracy::filesystem", "totalBytes is"),
    // What is in a row.
    wrapper("the content of a row is another", "'data query'*--json", says!("s/(\"durationMs\": )[0-9]+/&.5/"), QUERY, "content is"),
    // Files.
    wrapper("a shown run names no log", RUN, another_digit!("", "Z.log"), "s60_backend_down::gcs", "logFile is no log"),
    // Numbers that no golden shows.
    wrapper("a catalog has more rows than it has", "'datastore catalog pull'*--json", says!("s/(\"(rows|totalRows)\": )2/\\17/"), "s46_catalog_is_lost::gcs", "the rows of infra is"),
    wrapper("more was pulled than came", "'datastore sync --pull'*--json", concat!("case $PWD in */one) ", says!("s/(\"filesPulled\": )[0-9]+/\\130/"), ";; esac"), "s67_two_writers_at_once::s3", "were written meanwhile"),
    wrapper("a migration moves more than there was", "'datastore namespace migrate'*", another_digit!("\"totalBytes\": [1-9][0-9]{1,2}", "\\b"), "s53_file_in_the_way::filesystem", "and there were"),
    wrapper("a migration moves less than there was", "'datastore namespace unset'*", says!("s/(\"totalBytes\": )[1-9][0-9]{3}\\b/\\11001/"), "s15_reverse_round_trip::filesystem", "and there were"),
    wrapper("a compaction gives back more than there was", "'datastore compact'*--json", says!("s/(\"dbBytesReclaimed\": )[0-9]+/\\19999999/"), "s36_compact::filesystem", "bytes were reclaimed"),
    wrapper("a setup copies what is not there", "'datastore setup'*--json", says!("s/(\"filesCopied\": )0/\\17/"), NEIGHBOURS, "files with"),
];

const WORKFLOWS: &str = "'workflow run'*";

/// Edits the record of a workflow's run.
macro_rules! record {
    ($edit:literal) => {
        edits!("$ds", "*/workflow-runs/*.yaml", $edit)
    };
}

/// What a run leaves in the catalog, and the record of a workflow's run.
#[rustfmt::skip]
const OF_RUNS: &[Wrapper] = &[
    wrapper("a run loses a row", RUN, rows!("DELETE FROM catalog WHERE data_name = 'log'"), MIGRATION, "there is no row of"),
    wrapper("a workflow loses a row", WORKFLOWS, rows!("DELETE FROM catalog WHERE step_name = 'two'"), WORKFLOW, "there is no row of"),
    wrapper("a list loses the rows", "'data list'*", rows!("DELETE FROM catalog"), MIGRATION, "there is no row of"),
    wrapper("a run doubles a row", RUN, rows!("INSERT INTO catalog SELECT namespace, type_normalized, model_id, data_name || 'x', id, version, is_latest, model_name, spec_name, data_type, content_type, lifetime, owner_type, streaming, size, created_at, tags, owner_ref, workflow_run_id, workflow_name, job_name, step_name, source FROM catalog"), MIGRATION, "there never was such a version"),
    wrapper("rows are of another namespace", RUN, rows!("UPDATE catalog SET namespace = 'other'"), MIGRATION, "there never was such a version"),
    wrapper("rows have another size", RUN, rows!("UPDATE catalog SET size = size + 1"), MIGRATION, "size is"),
    wrapper("rows have other tags", RUN, rows!("UPDATE catalog SET tags = '{}'"), MIGRATION, "tags is"),
    wrapper("rows are of another model", RUN, rows!("UPDATE catalog SET model_name = 'other'"), MIGRATION, "model_name is"),
    wrapper("rows live another time", RUN, rows!("UPDATE catalog SET lifetime = '1d'"), MIGRATION, "lifetime is"),
    wrapper("rows are of another step", WORKFLOWS, rows!("UPDATE catalog SET step_name = 'x'"), WORKFLOW, "step_name is"),
    wrapper("rows are of another year", RUN, rows!("UPDATE catalog SET created_at = '1999' || substr(created_at, 5)"), MIGRATION, "created_at is"),
    wrapper("an old row is the latest", RUN, rows!("UPDATE catalog SET is_latest = 1 WHERE version = 1"), INTEGRITY, "is the latest, and not the newest"),
    wrapper("no row is the latest", RUN, rows!("UPDATE catalog SET is_latest = 0"), MIGRATION, "is not the latest"),
    wrapper("the catalog says more of itself", RUN, rows!("INSERT OR REPLACE INTO catalog_meta VALUES ('x', 'y')"), MIGRATION, "it says of itself"),
    wrapper("a record has another size", WORKFLOWS, record!("s/^(                size: ).*/\\1987654/"), WORKFLOW, "the size of what a step wrote"),
    wrapper("a handle has another size", WORKFLOWS, record!("s/^(              size: ).*/\\1987654/"), WORKFLOW, "the size of a handle"),
    wrapper("a resource is of another time", WORKFLOWS, record!("s/^(                createdAt: .)20../\\11999/"), WORKFLOW, "before it began"),
    wrapper("a resource is of another namespace", WORKFLOWS, record!("s/^(                namespace: ).*/\\1other/"), WORKFLOW, "another namespace"),
    wrapper("a resource is of another model", WORKFLOWS, record!("s/^(                modelId: ).{8}/\\100000001/"), WORKFLOW, "the model's id"),
    wrapper("a record tells of another output", WORKFLOWS, record!("s/^(                  stdout: )one/\\1two/"), WORKFLOW, "the attributes of a resource"),
    wrapper("a handle tells of another output", WORKFLOWS, record!("s/^(                stdout: )one/\\1two/"), WORKFLOW, "the attributes of a handle"),
    wrapper("a handle has other tags", WORKFLOWS, record!("s/^(                initiatedBy: ).*/\\1root/"), WORKFLOW, "what a step wrote is"),
    wrapper("a record is of another method", WORKFLOWS, record!("s/^(          method: ).*/\\1other/"), WORKFLOW, "what the records of its steps say"),
    wrapper("an evaluated workflow has other jobs", WORKFLOWS, edits!(".swamp", "*/workflows-evaluated/*", "s/echo two/echo three/"), WORKFLOW, "/jobs/0/steps/1/task/inputs/run"),
    wrapper("an evaluated workflow has no description", WORKFLOWS, edits!(".swamp", "*/workflows-evaluated/*", "s/^(description: ).*/\\1x/"), WORKFLOW, "/description"),
    wrapper("an evaluated model is another", WORKFLOWS, edits!(".swamp", "*/definitions-evaluated/*.yaml", "s/^(version: ).*/\\17/"), WORKFLOW, "/version"),
    wrapper("an evaluated model was given something", WORKFLOWS, edits!(".swamp", "*/definitions-evaluated/*.yaml", "s/echo three/echo 4/"), WORKFLOW, "which nobody gave it"),
    wrapper("fewer versions of a workflow's data are kept", WORKFLOWS, edits!("$ds", "*/metadata.yaml", "s/^(garbageCollection: ).*/\\15/"), WORKFLOW, "nobody said that it is kept so"),
    wrapper("a migration registers the namespace anew", "'datastore namespace migrate'*", edits!("$ds", "*/.namespace.json", "s/0Z/1Z/; t; s/[1-9]Z/0Z/"), MIGRATION, "a migration changes nothing"),
    wrapper("data is of the past", RUN, "find $ds -name raw -exec touch -d '1999-01-01' {} +", MIGRATION, "by its time of change"),
    wrapper("data is of the future", RUN, "find $ds -name metadata.yaml -exec touch -d '2999-01-01' {} +", MIGRATION, "by its time of change"),
    wrapper("the catalog is of the past", WORKFLOWS, "touch -d '1999-01-01' .swamp/data/_catalog.db", WORKFLOW, "by its time of change"),
    wrapper("a bundle may be run", RUN, "mkdir -p .swamp/bundles && echo x > .swamp/bundles/x && chmod +x .swamp/bundles/x", MIGRATION, "it may be run"),
    wrapper("a bundle is huge", RUN, "mkdir -p .swamp/bundles && truncate -s 100M .swamp/bundles/x", MIGRATION, "more than anything there"),
    wrapper("data has an attribute", RUN, "for f in $(find $ds -name raw); do python3 -c \"import os, sys; os.setxattr(sys.argv[1], 'user.x', b'y')\" $f; done", MIGRATION, "it has the attributes"),
    wrapper("a directory has an attribute", RUN, "python3 -c \"import os; os.setxattr('.swamp', 'user.x', b'y')\"", MIGRATION, "it has the attributes"),
];

/// What it does to a bucket that no key of it shows, and to what it keeps of it.
#[rustfmt::skip]
const OF_BUCKETS: &[Wrapper] = &[
    wrapper("a read writes a content anew", "'datastore namespace list'*", s3!("import time; time.sleep(1.1); k = '/infra/.namespace.json'; ask('PUT', k, ask('GET', k))"), "s20_index_per_namespace::s3", "was written to"),
    wrapper("an upload is begun and left", "'datastore namespace list'*", s3!("ask('POST', '/evil?uploads', b'')"), "s20_index_per_namespace::s3", "was begun and never ended"),
    wrapper("the bucket keeps versions", "'datastore sync --push'*", s3!("ask('PUT', '?versioning', b'<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>')"), "s20_index_per_namespace::s3", "the versioning of its objects"),
    wrapper("the bucket has a policy", "'datastore sync --push'*", s3!("ask('PUT', '?policy', b'{}')"), "s20_index_per_namespace::s3", "it has a policy"),
    wrapper("objects live a day", "'datastore sync --push'*", s3!("ask('PUT', '?lifecycle', b'<LifecycleConfiguration><Rule><ID>x</ID><Prefix></Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>')"), "s20_index_per_namespace::s3", "how long its objects live"),
    wrapper("another bucket is made", "'datastore namespace list'*", "python3 -c \"import re, urllib.request as u; t = open('.swamp.yaml').read(); e = re.search('endpoint: [^A-Za-z0-9]?([^\\n]*[a-z0-9])', t).group(1); u.urlopen(u.Request(e + '/evil', method='PUT'))\"", "s20_index_per_namespace::s3", "there is a bucket evil"),
    wrapper("another bucket is made on GCS", "'datastore namespace list'*", "python3 -c \"import re, urllib.request as u; t = open('.swamp.yaml').read(); e = re.search('apiEndpoint: [^A-Za-z0-9]?([^\\n]*[a-z0-9])', t).group(1); u.urlopen(u.Request(e + '/storage/v1/b?project=x', data=b'{\\\"name\\\":\\\"evil\\\"}', method='POST', headers={'content-type': 'application/json'}))\"", "s20_index_per_namespace::gcs", "there is a bucket evil"),
    wrapper("an object is HTML", "'datastore sync --push'*", s3!("k = '/' + g('namespace') + '/.catalog-export.json'; ask('PUT', k, ask('GET', k), **{'content-type': 'text/html'})"), "s20_index_per_namespace::s3", "has the content type text/html"),
    wrapper("an object has metadata", "'datastore sync --push'*", s3!("k = '/' + g('namespace') + '/.catalog-export.json'; ask('PUT', k, ask('GET', k), **{'content-type': '', 'x-amz-meta-a': 'b'})"), "s20_index_per_namespace::s3", "has the metadata a=b"),
    wrapper("an object has tags", "'datastore sync --push'*", s3!("k = '/' + g('namespace') + '/.catalog-export.json'; ask('PUT', k, ask('GET', k), **{'content-type': '', 'x-amz-tagging': 'a=b'})"), "s20_index_per_namespace::s3", "has the number of tags 1"),
    wrapper("an object is encoded", "'datastore sync --push'*", s3!("k = '/' + g('namespace') + '/.catalog-export.json'; ask('PUT', k, ask('GET', k), **{'content-type': '', 'content-encoding': 'br'})"), "s20_index_per_namespace::s3", "has the content encoding"),
    wrapper("an object is HTML on GCS", "'datastore sync --push'*", gcs!("ask('PATCH', key, {'contentType': 'text/html'})"), "s20_index_per_namespace::gcs", "has the content type text/html"),
    wrapper("an object has metadata on GCS", "'datastore sync --push'*", gcs!("ask('PATCH', key, {'metadata': {'a': 'b'}})"), "s20_index_per_namespace::gcs", "has the metadata a=b"),
    wrapper("an index has an entry of nothing", "'datastore sync --push'*", s3!("import json; k = '/infra/.datastore-index.json'; i = json.loads(ask('GET', k)); e = dict(list(i['entries'].values())[0], key='data/x'); i['entries']['data/x'] = e; ask('PUT', k, json.dumps(i).encode(), **{'content-type': 'application/octet-stream'})"), "s47_solo_to_namespace::s3", "infra/.datastore-index.json: data/x"),
    wrapper("a part of an index has an entry of nothing", "'datastore sync --push'*", s3!("import json; k = '/infra/_index/_root.json'; i = json.loads(ask('GET', k)); e = dict(list(i['entries'].values())[0], key='x'); i['entries']['x'] = e; ask('PUT', k, json.dumps(i).encode(), **{'content-type': 'application/octet-stream'})"), "s47_solo_to_namespace::s3", "infra/_index/_root.json: x"),
    wrapper("a local index has an entry of nothing", "'datastore sync --push'*", "for f in $(find $HOME/.swamp -name .datastore-index.json); do python3 -c \"import json, sys; i = json.load(open(sys.argv[1])); e = dict(list(i['entries'].values())[0], key='x'); i['entries']['x'] = e; open(sys.argv[1], 'w').write(json.dumps(i, indent=2))\" $f; done", "s20_index_per_namespace::gcs", "neither there nor in a bucket"),
    wrapper("a copy is called changed", "'datastore sync --push'*", edits!("$HOME/.swamp", "*/.datastore-sync-state.json", "s/(localDirty\": )false/\\1true/"), "s20_index_per_namespace::s3", "no change is noted"),
    wrapper("a lock in a bucket has another nonce", "'datastore lock status'*", another_digit!("\"nonce\": \"", ""), "s75_lock_of_a_crashed_machine::s3", "no lock in the bucket"),
    wrapper("an export has another size", "'datastore sync --push'*", edits!("$HOME/.swamp", "*/.catalog-export.json", "s/(\"size\": )[0-9]+/\\1987654/"), "s20_index_per_namespace::gcs", "size is"),
    wrapper("an export lives another time", "'datastore sync --push'*", edits!("$HOME/.swamp", "*/.catalog-export.json", "s/infinite/1d/"), "s20_index_per_namespace::s3", "lifetime is"),
    wrapper("an export is of another owner", "'datastore sync --push'*", edits!("$HOME/.swamp", "*/.catalog-export.json", "s/(owner_ref\": .)..../\\11111/"), "s20_index_per_namespace::gcs", "owner_ref is"),
];

/// Tries each wrapper, several at a time.
fn try_all(wrappers: &[Wrapper], at_once: usize) {
    let (next, missed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(wrapper) = wrappers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(why) = wrapper.is_told() {
                        missed
                            .lock()
                            .unwrap()
                            .push(format!("{}: {why}", wrapper.what));
                    }
                }
            });
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "not told:\n{}", missed.join("\n"));
}

impl Wrapper {
    /// Whether the trial tells of it, and would have been green without that.
    fn is_told(&self) -> Result<(), String> {
        let scratch = Scratch::new();
        let (after, does) = (self.after, self.does);
        let body = format!(
            "swamp={REFERENCE}\n\
             if [ \"$1\" = --version ]; then exec {REFERENCE} \"$@\"; fi\n\
             said=$({REFERENCE} \"$@\"; echo \"=$?\")\n\
             code=${{said##*=}} said=${{said%=*}}\n\
             ds=$(sed -n 's/^  path: //p' .swamp.yaml 2>/dev/null)\n\
             case \"$*\" in {after}) {does};; esac\n\
             printf '%s' \"$said\"\n\
             exit $code"
        );
        let run = scratch
            .suite()
            .arg(self.trial)
            .env("SWAMP_BIN", scratch.script("swamp", &body))
            .output()
            .map_err(|e| e.to_string())?;
        let said = all_said(&run);
        if run.status.code() != Some(101) {
            return Err(format!("exit {:?}\n{said}", run.status.code()));
        }
        if !said.contains(self.told) {
            return Err(format!("nothing of \"{}\"\n{said}", self.told));
        }
        // Else it would have been seen before.
        if said.contains("drift on the surface") {
            return Err(format!("a golden shows it\n{said}"));
        }
        Ok(())
    }
}

#[test]
fn what_a_swamp_does_unseen_fails_the_trial_and_is_named() {
    try_all(WRAPPERS, 8);
}

#[test]
fn what_runs_leave_in_the_catalog_and_in_records_is_named_too() {
    try_all(OF_RUNS, 8);
}

#[test]
fn what_it_does_unseen_on_buckets_is_named_too() {
    try_all(ON_BUCKETS, 4);
}

#[test]
fn what_it_says_that_a_golden_cannot_tell_is_named() {
    try_all(IN_REPLIES, 8);
}

#[test]
fn what_no_key_of_a_bucket_shows_is_named_too() {
    try_all(OF_BUCKETS, 4);
}

/// The reference in such a wrapper that does nothing: what the others are told for is theirs.
#[test]
fn a_wrapper_that_does_nothing_is_green() {
    let scratch = Scratch::new();
    let wrapper = wrapper("nothing", "nothing", ":", "", "");
    for trial in [SET_TRIAL, MIGRATION, VAULT, WORKFLOW] {
        let told = Wrapper { trial, ..wrapper }.is_told().unwrap_err();
        assert!(told.starts_with("exit Some(0)"), "{trial}: {told}");
    }
    drop(scratch);
}
