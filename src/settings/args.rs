//! The command line of the scenario binary: what a Rust test binary takes.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;
use libtest_mimic::{ColorSetting, FormatSetting};

use crate::error::BadInput;
use crate::settings::variables;
use crate::shell::quote;

/// Which commands of a trial the older of two swamps plays.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Casting {
    /// Those before the first checkpoint, which set the scene.
    Upgrade,
    /// Those of the first repo, and of every other one after it.
    Mixed,
}

/// The arguments of a test binary, by libtest's names and rules.
#[derive(Parser, Debug, Clone, Default)]
#[command(
    name = "uat",
    disable_version_flag = true,
    after_help = "A trial runs if its name contains one of the FILTERs, or any name if there are \
                  none. RUST_TEST_THREADS is the default of --test-threads."
)]
pub struct Arguments {
    /// Run only the trials whose names contain one of these, such as `s02` or `namespace`
    #[arg(value_name = "FILTERS")]
    pub filters: Vec<String>,
    /// Take FILTERS and --skip as whole names
    #[arg(long)]
    pub exact: bool,
    /// Leave out trials whose names contain this; may be given several times
    #[arg(long, value_name = "FILTER")]
    pub skip: Vec<String>,
    /// Run trials too whose backend is unavailable: they fail with the reason
    #[arg(long, conflicts_with = "ignored")]
    pub include_ignored: bool,
    /// Run only trials whose backend is unavailable
    #[arg(long)]
    pub ignored: bool,
    /// Run tests, which all of these are, and no benchmarks
    #[arg(long, conflicts_with = "bench")]
    pub test: bool,
    /// Run benchmarks, of which there are none
    #[arg(long)]
    pub bench: bool,
    /// List the trials, and run none
    #[arg(long)]
    pub list: bool,
    /// How many trials run side by side
    #[arg(long, value_name = "N")]
    pub test_threads: Option<usize>,
    /// Begin no trial after the first that fails
    #[arg(long)]
    pub fail_fast: bool,
    /// Run the trials in an order drawn at random
    #[arg(long)]
    pub shuffle: bool,
    /// Run the trials in the order drawn from this seed
    #[arg(long, value_name = "SEED", conflicts_with = "shuffle")]
    pub shuffle_seed: Option<u64>,
    /// One character for each trial: the same as --format=terse
    #[arg(short, long, conflicts_with = "format")]
    pub quiet: bool,
    /// How the outcomes are written
    #[arg(long, value_enum, value_name = "pretty|terse|json")]
    pub format: Option<FormatSetting>,
    /// Whether the outcomes are coloured
    #[arg(long, value_enum, value_name = "auto|always|never")]
    pub color: Option<ColorSetting>,
    /// Write the outcomes to this file
    #[arg(long, value_name = "PATH")]
    pub logfile: Option<String>,
    /// Taken for the sake of libtest: nothing is captured anyway
    #[arg(long, alias = "nocapture")]
    pub no_capture: bool,
    /// As --no-capture
    #[arg(long)]
    pub show_output: bool,
    /// As --no-capture: no trial is marked with `should_panic`
    #[arg(long, hide = true)]
    pub exclude_should_panic: bool,
    /// As --no-capture: every trial runs in this process
    #[arg(long, hide = true)]
    pub force_run_in_process: bool,
    /// As --no-capture: `-Z unstable-options` allows what is allowed anyway
    #[arg(short = 'Z', value_name = "FLAG", value_parser = ["unstable-options"])]
    pub unstable: Vec<String>,
    /// Print docs/plan.md for `cargo uat plan`, which starts this binary, and run nothing.
    #[arg(long, hide = true)]
    pub print_plan: bool,
    /// Where `cargo uat`, which starts this binary, follows the run.
    #[arg(long, hide = true, value_name = "PATH")]
    pub run_file: Option<PathBuf>,
    /// Where `cargo uat compare`, which starts this binary, finds what each trial showed.
    #[arg(long, hide = true, value_name = "DIR")]
    pub keep_in: Option<PathBuf>,
    /// The swamp that plays with SWAMP_BIN for `cargo uat upgrade` and `mixed`, which start this binary.
    #[arg(long, hide = true, value_name = "PATH", requires = "casting")]
    pub older: Option<PathBuf>,
    /// Which part of each trial it plays.
    #[arg(long, hide = true, value_enum, requires = "older")]
    pub casting: Option<Casting>,
    /// The commands of `cargo uat`, which starts this binary: a filter may be a misspelt one.
    #[arg(long, hide = true, value_name = "NAMES", value_delimiter = ',')]
    pub commands: Vec<String>,
}

impl Arguments {
    /// The arguments from words, the first of which is the name of the program.
    ///
    /// # Errors
    /// They cannot be understood, or ask for help.
    pub fn of<W: Into<OsString> + Clone>(
        words: impl IntoIterator<Item = W>,
    ) -> Result<Self, clap::Error> {
        Self::try_parse_from(words)
    }

    /// Takes in what variables say in place of arguments, as libtest does, and refuses what
    /// is invalid.
    ///
    /// # Errors
    /// A number of threads or a seed that is none.
    pub fn settled(mut self, var: impl Fn(&str) -> Option<String>) -> Result<Self, BadInput> {
        let var = |name| var(name).filter(|value| !value.is_empty());
        if self.test_threads == Some(0) {
            return Err(no_threads(
                "--test-threads is 0".to_owned(),
                "--test-threads",
            ));
        }
        if self.test_threads.is_none()
            && let Some(value) = var("RUST_TEST_THREADS")
        {
            let threads = value.parse().ok().filter(|threads| *threads > 0);
            self.test_threads = Some(threads.ok_or_else(|| {
                no_threads(
                    format!("RUST_TEST_THREADS is \"{value}\""),
                    "RUST_TEST_THREADS",
                )
            })?);
        }
        if self.shuffle_seed.is_none()
            && let Some(value) = var("RUST_TEST_SHUFFLE_SEED")
        {
            self.shuffle_seed = Some(value.parse().map_err(|_| {
                BadInput::new(
                    format!("RUST_TEST_SHUFFLE_SEED is \"{value}\""),
                    "it takes a whole number, 0 or more",
                    "set it to a number such as 7, or unset it",
                )
            })?);
        }
        self.shuffle |= var("RUST_TEST_SHUFFLE").is_some_and(|value| value != "0");
        Ok(self)
    }

    /// Empties the file that the outcomes go to, where they go to one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn begin_log(&self) -> Result<(), BadInput> {
        if let Some(log) = &self.logfile {
            std::fs::File::create(log).map_err(|e| {
                BadInput::new(
                    format!("--logfile is \"{log}\""),
                    format!("it cannot be written: {e}"),
                    "name a file in a directory that you can write to",
                )
            })?;
        }
        Ok(())
    }

    /// Whether the filters leave the trial of that name in.
    pub fn selects(&self, name: &str) -> bool {
        let matches = |filter: &String| self.means(filter, name);
        (self.filters.is_empty() || self.filters.iter().any(matches))
            && !self.skip.iter().any(matches)
    }

    fn means(&self, filter: &str, name: &str) -> bool {
        if self.exact {
            name == filter
        } else {
            contains(name, filter)
        }
    }

    /// Says which filters and `--skip`s match none of the trials of these `names`, if there are such.
    ///
    /// # Errors
    /// There are, and `cargo uat` was given them. Under other runners a filter may be meant for
    /// another test binary.
    pub fn check_filters(&self, names: &[String]) -> Result<(), BadInput> {
        if self.run_file.is_some() && self.filters.iter().any(String::is_empty) {
            return Err(BadInput::new(
                "no trial ran: one of the words that name trials is empty".to_owned(),
                "it would name all of them, and a variable may not have been set".to_owned(),
                "leave it out to run all, or say which trials are meant".to_owned(),
            ));
        }
        let idle = |filter: &&String| !names.iter().any(|name| self.means(filter, name));
        for filter in self.skip.iter().filter(idle) {
            eprintln!(
                "swamp-uat: --skip {} leaves nothing out: it matches no trial's name",
                quote(filter)
            );
        }
        let idle: Vec<&String> = self.filters.iter().filter(idle).collect();
        if idle.is_empty() {
            return Ok(());
        }
        let words: Vec<String> = idle.iter().map(|filter| quote(filter)).collect();
        let found = if self.exact {
            format!("no trial has the name {} (--exact)", words.join(" or "))
        } else {
            format!("no trial has a name that contains {}", words.join(" or "))
        };
        if self.run_file.is_none() {
            if idle.len() < self.filters.len() {
                eprintln!("swamp-uat: {found}");
            }
            return Ok(());
        }
        let all: Vec<String> = self.filters.iter().map(|filter| quote(filter)).collect();
        let meant = idle.iter().find_map(|filter| self.command_near(filter));
        let meant = meant.map(|command| format!("did you mean `cargo uat {command}`? "));
        Err(BadInput::new(
            format!("no trial ran: {} was asked for", all.join(" ")),
            found,
            format!(
                "{}`cargo uat -- --list` shows the names of the trials",
                meant.unwrap_or_default()
            ),
        ))
    }

    /// The command that `word` is, or is a misspelt name of.
    fn command_near(&self, word: &str) -> Option<&str> {
        let word = word.to_lowercase();
        let far = |name: &String| variables::distance(&word, name);
        let near = self.commands.iter().min_by_key(|name| far(name))?;
        (far(near) <= 2 && 2 * far(near) <= word.len()).then_some(near)
    }

    /// Whether a machine reads what goes to standard output: then nothing else may go there.
    pub fn is_for_machines(&self) -> bool {
        matches!(self.format, Some(FormatSetting::Json))
    }

    /// Whether a trial of that name begins: `unavailable` says that its backend is.
    pub fn runs(&self, name: &str, unavailable: bool) -> bool {
        self.selects(name) && !self.bench && (unavailable || !self.ignored)
    }

    /// Whether all trials are to run.
    pub fn is_whole(&self) -> bool {
        self.filters.is_empty() && self.skip.is_empty() && !self.ignored && !self.bench
    }

    /// The same for the crate that runs the trials, which takes one filter alone: the `names` that
    /// are filtered out are skipped by their whole names.
    pub fn for_runner<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
        default_threads: Option<usize>,
    ) -> libtest_mimic::Arguments {
        let names: Vec<&str> = names.collect();
        // More threads than trials are of no use, and a number that the system refuses is a panic.
        let most = names.len().max(1);
        libtest_mimic::Arguments {
            include_ignored: self.include_ignored,
            ignored: self.ignored,
            test: self.test,
            bench: self.bench,
            list: self.list,
            exact: true,
            quiet: self.quiet,
            test_threads: self
                .test_threads
                .or(default_threads)
                .map(|threads| threads.min(most)),
            logfile: self.logfile.clone(),
            skip: names
                .into_iter()
                .filter(|name| !self.selects(name))
                .map(str::to_owned)
                .collect(),
            color: self.color,
            format: self.format,
            ..libtest_mimic::Arguments::default()
        }
    }

    /// Why no trial was selected, for people.
    pub fn nothing_selected(&self) -> &'static str {
        if self.bench {
            "--bench runs benchmarks, and all trials are tests"
        } else if self.ignored {
            "--ignored runs only trials whose backend is unavailable, and no such trial is selected"
        } else if self.exact {
            "no trial has one of these as its whole name (--exact), or --skip leaves it out"
        } else if self.filters.is_empty() {
            "--skip leaves out every trial"
        } else {
            "no trial has a name that contains this, or --skip leaves it out"
        }
    }
}

/// Whether `name` has `filter` in it. The number of a scenario is a whole one: `s10` is not in
/// `s101_…`.
fn contains(name: &str, filter: &str) -> bool {
    let digits = |text: &str| text.chars().rev().take_while(char::is_ascii_digit).count();
    let count = digits(filter);
    let before = &filter[..filter.len() - count];
    let is_id = count > 0 && before.ends_with('s') && {
        let before = before[..before.len() - 1].chars().next_back();
        before.is_none_or(|c| c == ':')
    };
    name.match_indices(filter).any(|(at, found)| {
        let next = name[at + found.len()..].chars().next();
        let begins = is_id && name[..at].chars().next_back().is_none_or(|c| c == ':');
        let at_id = begins || filter.contains(':');
        !(is_id && at_id && next.is_some_and(|c| c.is_ascii_digit()))
    })
}

fn no_threads(tried: String, name: &str) -> BadInput {
    BadInput::new(
        tried,
        "it takes a whole number of trials that run side by side, 1 or more",
        format!("set {name} to a number such as 4, or leave it out"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> Arguments {
        Arguments::of(["uat"].iter().chain(words)).unwrap()
    }

    fn settled(words: &[&str], vars: &[(&str, &str)]) -> Result<Arguments, BadInput> {
        arguments(words).settled(|name| {
            let found = vars.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn several_filters_select_what_any_of_them_names() {
        let some = arguments(&["s03", "s04", "--skip", "::s3"]);
        assert!(some.selects("a::s03_x::filesystem") && some.selects("a::s04_x::gcs"));
        assert!(!some.selects("a::s05_x::gcs") && !some.selects("a::s04_x::s3"));
        let exact = arguments(&["a", "--exact", "b", "--skip", "b"]);
        assert!(exact.selects("a") && !exact.selects("ab") && !exact.selects("b"));
        assert!(arguments(&["--skip", "x"]).selects("a"));
    }

    #[test]
    fn the_number_of_a_scenario_is_a_whole_one() {
        let selects = |filter: &str, name: &str| arguments(&[filter]).selects(name);
        for filter in ["s10", "::s10", "a::s10", "s10_x"] {
            assert!(selects(filter, "a::s10_x::s3"), "{filter}");
            assert!(!selects(filter, "a::s101_x::s3"), "{filter}");
        }
        assert!(selects("s101", "a::s101_x::s3") && selects("x1", "a::s101_x12::s3"));
        assert!(selects("s3", "a::s10_x::s3") && selects("s1", "a::news12::gcs"));
    }

    #[test]
    fn the_runner_skips_by_name_what_is_filtered_out() {
        let names = ["a1", "a2", "b1"];
        let given = arguments(&["a1", "b", "--test-threads", "99"]);
        let passed_on = given.for_runner(names.into_iter(), Some(8));
        assert_eq!(passed_on.skip, ["a2"]);
        assert!(passed_on.exact && passed_on.filter.is_none());
        assert_eq!(passed_on.test_threads, Some(3), "no more than trials");
        let default = arguments(&[]).for_runner(names.into_iter(), Some(2));
        assert_eq!((default.test_threads, default.skip.len()), (Some(2), 0));
    }

    #[test]
    fn what_libtest_takes_is_taken() {
        for words in [
            &["--nocapture"][..],
            &["--no-capture", "--show-output"],
            &["-Z", "unstable-options", "--format", "json"],
            &["-q", "--color", "never", "--test"],
            &[
                "--fail-fast",
                "--exclude-should-panic",
                "--force-run-in-process",
            ],
            &["--list", "--format", "terse", "--ignored"],
        ] {
            let parsed = Arguments::of(["uat"].iter().chain(words));
            assert!(parsed.is_ok(), "{words:?}: {}", parsed.unwrap_err());
        }
        for words in [
            &["--format", "junit"][..],
            &["--nosuch"],
            &["-q", "--format", "json"],
        ] {
            assert!(
                Arguments::of(["uat"].iter().chain(words)).is_err(),
                "{words:?}"
            );
        }
    }

    #[test]
    fn threads_come_from_the_argument_or_the_variable_and_are_one_or_more() {
        let threads = |words: &[&str], vars: &[(&str, &str)]| {
            settled(words, vars).map(|args| args.test_threads)
        };
        let four = [("RUST_TEST_THREADS", "4")];
        assert_eq!(threads(&[], &four), Ok(Some(4)));
        assert_eq!(threads(&["--test-threads", "2"], &four), Ok(Some(2)));
        assert_eq!(threads(&[], &[("RUST_TEST_THREADS", "")]), Ok(None));
        for bad in ["0", "-1", "many", "1.5", " 2"] {
            let error = threads(&[], &[("RUST_TEST_THREADS", bad)]).unwrap_err();
            assert!(error.to_string().contains(bad), "{error}");
        }
        let error = threads(&["--test-threads", "0"], &[]).unwrap_err();
        assert!(error.to_string().contains("--test-threads is 0"), "{error}");
    }

    #[test]
    fn an_order_comes_from_the_argument_or_the_variable() {
        let seed = |vars: &[(&str, &str)]| settled(&[], vars).map(|args| args.shuffle_seed);
        assert_eq!(seed(&[("RUST_TEST_SHUFFLE_SEED", "7")]), Ok(Some(7)));
        assert!(seed(&[("RUST_TEST_SHUFFLE_SEED", "x")]).is_err());
        assert!(settled(&[], &[("RUST_TEST_SHUFFLE", "1")]).unwrap().shuffle);
        assert!(!settled(&[], &[("RUST_TEST_SHUFFLE", "0")]).unwrap().shuffle);
    }

    #[test]
    fn a_log_that_cannot_be_written_is_refused() {
        let error = arguments(&["--logfile", "/nonexistent/log"]).begin_log();
        let error = error.unwrap_err();
        assert!(error.to_string().contains("/nonexistent/log"), "{error}");
    }

    #[test]
    fn why_nothing_was_selected_is_told() {
        for (words, why) in [
            (&["--bench"][..], "benchmarks"),
            (&["--ignored"], "--ignored"),
            (&["x", "--exact"], "--exact"),
            (&["--skip", "s"], "--skip"),
            (&["x"], "contains"),
        ] {
            assert!(
                arguments(words).nothing_selected().contains(why),
                "{words:?}"
            );
        }
    }
}
