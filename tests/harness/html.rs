//! The report for a browser: one file that opens offline, in which nothing that swamp printed is markup.

use std::path::{Path, PathBuf};
use std::process::Command as StdCommand;

use regex::Regex;

use crate::common::{REFERENCE, Scratch};
use crate::said::said;

/// What a swamp might print.
const MARKUP: &str =
    "</pre><script>document.title = \"taken over\"</script><img src=http://127.0.0.1/x>";

fn page_of(scratch: &Scratch) -> String {
    std::fs::read_to_string(scratch.path("report.html")).expect("a page")
}

/// Asserts that every element of the page is closed, and that none is about another file.
#[track_caller]
fn stands_alone(page: &str) {
    let tag = Regex::new(r#"<(/?)([a-z0-9!]+)((?:[^>"]|"[^"]*")*)>"#).unwrap();
    let attribute = Regex::new(r#"([a-z-]+)="([^"]*)""#).unwrap();
    // What is in these is not markup.
    let own = Regex::new(r"(?s)<(style|script)>(.*?)</(?:style|script)>").unwrap();
    for found in own.captures_iter(page) {
        for elsewhere in [
            "//127", "http:", "https:", "@import", "url(", "import(", "fetch(",
        ] {
            assert!(!found[2].contains(elsewhere), "{elsewhere}: {}", &found[2]);
        }
    }
    assert_eq!(own.captures_iter(page).count(), 2, "one style, one script");
    let page = own.replace_all(page, "<$1></$1>");
    let (mut open, mut ids, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for found in tag.captures_iter(&page) {
        let name = found[2].to_owned();
        match &found[1] {
            "/" => assert_eq!(open.pop(), Some(name), "{}", &found[0]),
            _ if ["!", "!doctype", "meta"].contains(&name.to_lowercase().as_str()) => {}
            _ => open.push(name),
        }
        for attribute in attribute.captures_iter(&found[3]) {
            match (&attribute[1], &attribute[2]) {
                ("id", id) => ids.push(id.to_owned()),
                ("href", link) => links.push(link.to_owned()),
                ("src" | "action" | "srcset" | "data", _) => panic!("{}", &found[0]),
                (name, _) => assert!(!name.starts_with("on"), "{}", &found[0]),
            }
        }
    }
    assert_eq!(open, [""; 0], "all is closed");
    for link in links {
        let id = link.strip_prefix('#').expect("a link within the page");
        assert!(ids.iter().any(|other| other == id), "{link}");
    }
}

#[test]
fn a_red_run_has_a_page_that_stands_alone_and_a_green_one_says_that_it_is() {
    let scratch = Scratch::new();
    let swamp = scratch.script(
        "swamp",
        &format!("case \"$*\" in *list*) echo '{MARKUP}';; esac\nexec {REFERENCE} \"$@\""),
    );
    for mut command in [scratch.suite(), scratch.uat()] {
        command.args(["s06", "s07"]).env("SWAMP_BIN", &swamp);
        said(&mut command).has(101, &[]);
        let page = page_of(&scratch);
        stands_alone(&page);
        assert!(page.contains("<h1>red: "), "{page}");
        for trial in ["s06_list_empty", "s07_list_with_entries"] {
            assert!(page.contains(trial), "{page}");
        }
        // It stands in the differences and in what swamp said, as text.
        assert!(!page.contains(MARKUP), "{page}");
        let text = "&lt;/pre&gt;&lt;script&gt;document.title = &quot;taken over&quot;";
        let (_, raw) = page.split_once("What swamp said").expect("what swamp said");
        assert!(page.contains(&format!("+{text}")), "{page}");
        assert!(raw.contains(&format!("\n{text}")), "{page}");
        assert!(raw.contains("swamp datastore namespace list"), "{page}");
    }
    said(scratch.uat().arg("s03")).has(0, &[]);
    let page = page_of(&scratch);
    stands_alone(&page);
    assert!(page.contains("<h1>green: 1 passed</h1>"), "{page}");
    // A page of somebody else's stays.
    std::fs::write(scratch.path("report.html"), "mine\n").unwrap();
    said(scratch.uat().arg("s03")).has(2, &["none of swamp-uat's, and would be lost"]);
    assert_eq!(page_of(&scratch), "mine\n");
}

#[test]
fn a_comparison_has_a_page_that_stands_alone() {
    let scratch = Scratch::new();
    let body = format!("case \"$*\" in *list*) echo '{MARKUP}';; esac\nexec {REFERENCE} \"$@\"");
    let new = scratch.script("new-swamp", &body);
    let mut uat = scratch.uat();
    uat.args(["compare", REFERENCE]).arg(new);
    let run = said(uat.args(["s06", "s07", "--format", "html"]));
    run.has(1, &["<h1>"]);
    stands_alone(&run.out);
    assert!(!run.out.contains(MARKUP), "{}", run.out);
    assert!(
        run.out.contains("data-backend=\"filesystem\""),
        "{}",
        run.out
    );
}

fn browser() -> PathBuf {
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let all = names
        .iter()
        .flat_map(|name| dirs.iter().map(move |dir| dir.join(name)));
    let found = all.into_iter().find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("no browser on PATH: looked for {names:?}; install chromium"))
}

/// What a browser of the size of a phone makes of the page at `page`.
fn in_browser(scratch: &Scratch, page: &Path) -> String {
    let profile = scratch.path("profile");
    let output = StdCommand::new(browser())
        .args(["--headless", "--no-sandbox", "--disable-gpu"])
        .args([
            "--window-size=390,844",
            "--virtual-time-budget=5000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser starts");
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(dom.contains("</html>"), "{dom}{err}");
    dom
}

/// The page with a script behind it that does `does`, and then tells what `told` is as its title.
fn doing(scratch: &Scratch, page: &str, does: &str, told: &str) -> PathBuf {
    let script =
        format!("<script>{does}; document.title = JSON.stringify({told});</script></body>");
    let path = scratch.path("doing.html");
    std::fs::write(&path, page.replace("</body>", &script)).unwrap();
    path
}

#[track_caller]
fn title(dom: &str) -> serde_json::Value {
    let title = Regex::new("(?s)<title>(.*?)</title>").unwrap();
    let title = &title.captures(dom).expect("a title")[1];
    serde_json::from_str(&title.replace("&quot;", "\"")).unwrap_or_else(|e| panic!("{e}: {title}"))
}

/// The links and the trials that are seen on the page.
const SEEN: &str = "[...document.querySelectorAll('li[data-phase], details[id]')]\
    .filter((it) => it.checkVisibility()).map((it) => it.id || it.textContent)";

#[test]
#[ignore = "needs a browser; the gate runs it where chromium is on PATH"]
fn in_a_browser_the_page_filters_unfolds_and_fits_a_phone() {
    let scratch = Scratch::new();
    let mut uat = scratch.uat();
    uat.args(["s07", "s19"]);
    uat.env("SWAMP_REFERENCE_FAULT", "list-forgets-current");
    said(&mut uat).has(101, &[]);
    let page = page_of(&scratch);
    let seen = |does: &str| {
        let path = doing(&scratch, &page, does, SEEN);
        let seen = title(&in_browser(&scratch, &path));
        let seen: Vec<String> = serde_json::from_value(seen).unwrap();
        seen
    };
    let chosen = |name: &str, value: &str| {
        seen(&format!(
            "const it = document.querySelector('[name={name}]'); it.value = '{value}'; \
             it.dispatchEvent(new Event('change', {{ bubbles: true }}))"
        ))
    };
    let all = seen("");
    let is_of = |backend: &str, trial: &String| trial.ends_with(&format!("::{backend}"));
    for backend in ["filesystem", "s3", "gcs"] {
        let own: Vec<&String> = all.iter().filter(|it| is_of(backend, it)).collect();
        assert!(own.len() >= 2, "a link and a trial on {backend}: {all:?}");
        assert_eq!(chosen("backend", backend).iter().collect::<Vec<_>>(), own);
    }
    let of_list = chosen("phase", "B");
    assert!(
        !of_list.is_empty() && of_list.len() < all.len(),
        "{of_list:?}"
    );
    assert!(of_list.iter().all(|it| it.contains("s07_")), "{of_list:?}");
    assert_eq!(chosen("surface", "cli"), all, "all of it shows there");

    // A link leads to what it names, and unfolds it.
    let trial = all.iter().find(|it| is_of("s3", it)).unwrap();
    let open = format!("document.getElementById('{trial}').open");
    let follow = format!("document.querySelector('a[href=\"#{trial}\"]').click()");
    for (does, expected) in [("", false), (follow.as_str(), true)] {
        let wait = "await new Promise((done) => setTimeout(done, 100))";
        let does = format!("(async () => {{ {does}; {wait}; document.title = {open}; }})()");
        let script = format!("<script>{does}</script></body>");
        let path = scratch.path("doing.html");
        std::fs::write(&path, page.replace("</body>", &script)).unwrap();
        assert_eq!(title(&in_browser(&scratch, &path)), expected, "{does}");
    }

    // On a phone nothing is wider than the screen, with all of it unfolded.
    let unfold = "document.querySelectorAll('details').forEach((it) => { it.open = true; })";
    let widths = "[innerWidth, document.documentElement.scrollWidth]";
    let path = doing(&scratch, &page, unfold, widths);
    let widths = title(&in_browser(&scratch, &path));
    let widths: [u32; 2] = serde_json::from_value(widths).unwrap();
    assert!(widths[0] <= 500 && widths[1] <= widths[0], "{widths:?}");

    // Without its script it has no filters, and hides nothing else.
    let script = Regex::new("(?s)<script>.*?</script>").unwrap();
    let bare = script.replace(&page, "");
    let hidden = "[...document.body.querySelectorAll('*')]\
        .filter((it) => it.hidden).map((it) => it.id || it.outerHTML)";
    let path = doing(&scratch, &bare, unfold, hidden);
    assert_eq!(
        title(&in_browser(&scratch, &path)),
        serde_json::json!(["filters"])
    );
}

#[test]
#[ignore = "needs a browser; the gate runs it where chromium is on PATH"]
fn in_a_browser_the_page_of_a_comparison_filters() {
    let scratch = Scratch::new();
    // One change in what is said, another one in what is left.
    let body = format!(
        "fault=extra-directory\n\
         case \"$*\" in *list*) fault=list-forgets-current;; esac\n\
         SWAMP_REFERENCE_FAULT=$fault exec {REFERENCE} \"$@\""
    );
    let new = scratch.script("new-swamp", &body);
    let mut uat = scratch.uat();
    uat.args(["compare", REFERENCE]).arg(new);
    let filters = ["s07", "s12", "--format", "html"];
    let page = said(uat.args(filters)).out;
    let names = ["phase", "backend", "surface"];
    // What each group that is seen is of, and what the filters say of how many they leave.
    let told = "[[...document.querySelectorAll('details[data-surface]')]\
        .filter((it) => it.checkVisibility())\
        .map((it) => [it.dataset.phase, it.dataset.backend, it.dataset.surface]), \
        document.querySelector('#filters output').value]";
    let seen = |does: &str| -> (Vec<[String; 3]>, String) {
        let path = doing(&scratch, &page, does, told);
        serde_json::from_value(title(&in_browser(&scratch, &path))).unwrap()
    };
    let (all, count) = seen("");
    assert_eq!(count, format!("{0} of {0} shown", all.len()));
    for (at, value, hides) in [
        (0, "B", true),
        (0, "C", true),
        (1, "filesystem", false),
        (2, "cli", true),
        (2, "tree", true),
    ] {
        let name = names[at];
        let (shown, count) = seen(&format!(
            "const it = document.querySelector('[name={name}]'); it.value = '{value}'; \
             it.dispatchEvent(new Event('change', {{ bubbles: true }}))"
        ));
        let mut own = all.clone();
        own.retain(|it| it[at].split(' ').any(|word| word == value));
        assert!(!own.is_empty(), "{name} {value}: {all:?}");
        assert_eq!(own.len() < all.len(), hides, "{name} {value}: {all:?}");
        assert_eq!(shown, own, "{name} {value}");
        assert_eq!(count, format!("{} of {} shown", own.len(), all.len()));
    }
}
