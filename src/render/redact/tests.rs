//! The pipeline as a whole, and the two properties that identity rests on: renaming the ids of
//! a world changes nothing, and merging two of them changes the output.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const A: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const B: &str = "bbbbbbbb-0000-4000-8000-000000000002";

fn world() -> World {
    World {
        literals: vec![
            ("/t/s".into(), "<sandbox>".into(), Rule::Path),
            ("/t/s/home".into(), "<home>".into(), Rule::Path),
            ("uat-1-ds".into(), "<bucket:ds>".into(), Rule::Bucket),
            ("[s3-sync]".into(), "[<store>-sync]".into(), Rule::Store),
            (
                "http://127.0.0.1:7".into(),
                "<endpoint>".into(),
                Rule::Endpoint,
            ),
            ("127.0.0.1:7".into(), "<host>".into(), Rule::Endpoint),
        ],
        versions: vec!["20260101.1-sha.ab".into()],
        window: "2026-11-22T09:00:00Z".parse().unwrap()..="2026-11-22T09:00:10Z".parse().unwrap(),
        longest: std::time::Duration::from_secs(5),
    }
}

fn redactor() -> Redactor {
    let mut aliases = Aliases::default();
    aliases.learn(A, "repo:infra");
    Redactor::new(world(), aliases)
}

#[test]
fn of_a_stack_trace_the_message_stays() {
    assert_eq!(
        text("error: Error: no at all\n    at f (file:///a.ts:1:2)\n    at async g\nend\n"),
        "error: Error: no at all\n    at <stack>\nend\n"
    );
    assert_eq!(
        text(r#"  "stack": "Error: no\n    at f (x:1)\n    at \"q\" g\nnext","#),
        r#"  "stack": "Error: no\n    at <stack>\nnext","#
    );
    assert_eq!(
        text(r#"  "stack": "    at f (x:1)\n    at g (y:2)","#),
        r#"  "stack": "    at <stack>","#
    );
    assert_eq!(text("at home\n  at\n"), "at home\n  at\n");
}

#[test]
fn an_id_in_the_url_of_an_object_is_an_id() {
    assert_eq!(
        text(&format!("/o/infra%2F{A}%2Fraw")),
        "/o/infra%2F<repo:infra>%2Fraw"
    );
}

#[test]
fn buckets_and_endpoints_have_names_and_their_neighbours_have_not() {
    assert_eq!(
        text("http://127.0.0.1:7/uat-1-ds/infra at 127.0.0.1:7, 127.0.0.1:70, uat-1-ds2"),
        "<endpoint>/<bucket:ds>/infra at <host>, 127.0.0.1:70, uat-1-ds2"
    );
}

fn text(raw: &str) -> String {
    redactor().text(raw)
}

#[test]
fn the_longest_path_wins() {
    assert_eq!(
        text("/t/s/home/x /t/s/ds /t/s"),
        "<home>/x <sandbox>/ds <sandbox>"
    );
}

#[test]
fn the_version_under_test_is_a_token_and_other_versions_stay() {
    assert_eq!(
        text("swamp 20260101.1-sha.ab, type 2026.02.09.1"),
        "swamp <version>, type 2026.02.09.1"
    );
}

#[test]
fn the_release_that_a_repo_is_upgraded_to_is_that_under_test() {
    assert_eq!(
        text("\"previousVersion\": \"20250101.0\",\n  \"newVersion\": \"20260101.1\",\n"),
        "\"previousVersion\": \"20250101.0\",\n  \"newVersion\": \"<version>\",\n"
    );
    for other in [
        "\"newVersion\": \"20260101.2\"",
        "\"newVersion\": \"\"",
        "20260101.1",
    ] {
        assert_eq!(text(other), other);
    }
}

#[test]
fn the_padding_after_a_version_goes_with_it_and_other_padding_stays() {
    assert_eq!(
        text("Version: 20260101.1-sha.ab   \nHelp.   \n20260101.1-sha.ab  x\n"),
        "Version: <version>\nHelp.   \n<version>  x\n"
    );
}

#[test]
fn ids_keep_their_identity() {
    let mut redactor = redactor();
    assert_eq!(
        redactor.text(&format!("{A} {B} {A}")),
        "<repo:infra> <id#1> <repo:infra>"
    );
    assert_eq!(
        redactor.listing(&[format!("data/{B}/raw")]),
        ["data/<id#1>/raw"]
    );
}

#[test]
fn a_time_of_the_trial_is_a_token_and_any_other_stays() {
    assert_eq!(text("2026-11-22T09:00:05.148Z!"), "<time>!");
    for other in [
        "2026-11-22T08:59:59.999Z",
        "2026-11-22T09:00:10.001Z",
        "1970-01-01T00:00:00.000Z",
        "2026-11-22T09:00:05.148+00:00",
        "9999-99-99T99:99:99.999Z",
    ] {
        let redacted = text(other);
        assert!(!redacted.contains("<time>"), "{redacted}");
        assert!(
            !Auditor::default().findings(&redacted).is_empty(),
            "{redacted}"
        );
    }
}

#[test]
fn a_date_of_the_trial_is_a_token_and_any_other_stays() {
    assert_eq!(text("2026-11-22,"), "<date>,");
    assert_eq!(text("2026-11-21 1970-01-01"), "2026-11-21 1970-01-01");
    let mut overnight = world();
    overnight.window =
        "2026-11-22T23:59:59Z".parse().unwrap()..="2026-11-23T00:00:01Z".parse().unwrap();
    assert_eq!(
        Redactor::new(overnight, Aliases::default()).text("2026-11-22 2026-11-23 2026-11-24"),
        "<date> <date> 2026-11-24"
    );
}

#[test]
fn a_time_in_a_file_name_is_a_token_of_its_own_and_any_other_stays() {
    assert_eq!(
        text("x-2026-11-22T09-00-05-148Z.yaml"),
        "x-<file-time>.yaml"
    );
    let other = "x-2026-11-22T09-00-11-148Z.yaml";
    assert_eq!(text(other), other);
    assert!(!Auditor::default().findings(other).is_empty());
}

#[test]
fn a_row_of_a_table_about_a_result_has_no_size() {
    let raw = "┌────────┬──────┐\n│ result │ 115B │\n└────────┴──────┘\n";
    assert!(text(raw).contains("│ result │ <size> │"), "{}", text(raw));
}

#[test]
fn colour_codes_are_shown() {
    assert_eq!(text("\u{1b}[33mx"), "<ESC>[33mx");
    assert_eq!(redactor().listing(&["a\rb".into()]), ["a<CR>b"]);
}

#[test]
fn a_table_keeps_its_frame_around_redacted_ids() {
    let raw = format!("┌─{0}─┐\n│ {A} │\n└─{0}─┘\n", "─".repeat(A.len()));
    assert_eq!(
        text(&raw),
        "┌──────────────┐\n│ <repo:infra> │\n└──────────────┘\n"
    );
}

#[test]
fn every_rule_of_the_pipeline_counts_its_uses() {
    let before = Rule::ALL.map(Rule::count);
    text(&format!(
        "/t/s 20260101.1-sha.ab {A} 2026-11-22T09:00:05.148Z 2026-11-22\n┌──┐\n│  │\n└──┘\n\
         2026-11-22T09-00-05-148Z 1 file(s), 9 B \"duration\": 3 09:00:05 UTC\n\"name\": \"result\"\n\
         \"size\": 115\nuat-1-ds 127.0.0.1:7 [s3-sync]\n    at f (x:1)\n"
    ));
    for (rule, before) in Rule::ALL.into_iter().zip(before) {
        assert!(rule.count() > before, "{rule:?}");
    }
    assert_eq!(unfired(), []);
}

#[test]
fn a_listing_is_sorted_after_redaction() {
    let lines = [
        format!("data/{B}/x"),
        format!("data/{A}/x"),
        "audit/".into(),
    ];
    assert_eq!(
        redactor().listing(&lines),
        ["audit/", "data/<id#1>/x", "data/<repo:infra>/x"]
    );
}

#[test]
fn ids_in_a_listing_are_numbered_by_what_stands_beside_them() {
    // `B` sorts after `first` as text, and before it by what its lines say.
    let first = "00000000-0000-4000-8000-00000000000f";
    let lines = [format!("data/{first}/z"), format!("data/{B}/a")];
    assert_eq!(
        redactor().listing(&lines),
        ["data/<id#1>/a", "data/<id#2>/z"]
    );
    // Alike in their own lines, told apart by their neighbours.
    let lines = [
        format!("{B}/owner/{A}"),
        format!("{B}/raw"),
        format!("{first}/raw"),
        format!("{first}/owner/{first}"),
    ];
    assert_eq!(
        redactor().listing(&lines),
        [
            "<id#1>/owner/<id#1>",
            "<id#1>/raw",
            "<id#2>/owner/<repo:infra>",
            "<id#2>/raw"
        ]
    );
}

#[test]
fn which_ids_belong_together_does_not_hang_on_their_order() {
    let ids: Vec<String> = (1..=4)
        .map(|n| format!("{n:08}-0000-4000-8000-000000000000"))
        .collect();
    // Two pairs, all four alike: each names its partner.
    let pairs = |order: [usize; 4]| {
        let [a, b, c, d] = order.map(|n| &ids[n]);
        redactor().listing(&[
            format!("{a}/of/{b}"),
            format!("{b}/of/{a}"),
            format!("{c}/of/{d}"),
            format!("{d}/of/{c}"),
        ])
    };
    for order in [[0, 2, 1, 3], [0, 3, 1, 2], [3, 1, 2, 0]] {
        assert_eq!(pairs(order), pairs([0, 1, 2, 3]), "{order:?}");
    }
}

/// A world of lines over at most five ids: each line names up to two of them.
fn lines_over(ids: &[String], shape: &[(usize, usize, u8)]) -> Vec<String> {
    shape
        .iter()
        .map(|(a, b, leaf)| {
            let id = |n: usize| &ids[n % ids.len()];
            match leaf % 3 {
                0 => format!("data/{}/{leaf}", id(*a)),
                1 => format!("data/{}/of/{}", id(*a), id(*b)),
                _ => format!("{leaf}/"),
            }
        })
        .collect()
}

fn any_id() -> impl Strategy<Value = String> {
    "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
}

fn distinct_ids() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(any_id(), 5)
        .prop_map(|set| set.into_iter().collect::<Vec<_>>())
        .prop_shuffle()
}

fn shape() -> impl Strategy<Value = Vec<(usize, usize, u8)>> {
    prop::collection::vec((0..5_usize, 0..5_usize, 0..6_u8), 0..14)
}

proptest! {
    #[test]
    fn renaming_the_ids_of_a_world_changes_nothing(
        one in distinct_ids(),
        other in distinct_ids(),
        shape in shape(),
    ) {
        let listing = |ids: &[String]| redactor().listing(&lines_over(ids, &shape));
        prop_assert_eq!(listing(&one), listing(&other));
        let read = |ids: &[String]| redactor().text(&lines_over(ids, &shape).join("\n"));
        prop_assert_eq!(read(&one), read(&other));
    }

    #[test]
    fn the_order_in_which_a_directory_is_read_changes_nothing(
        ids in distinct_ids(),
        (shape, shuffled) in shape().prop_flat_map(|shape| {
            (Just(shape.clone()), Just(shape).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(
            redactor().listing(&lines_over(&ids, &shape)),
            redactor().listing(&lines_over(&ids, &shuffled))
        );
    }

    #[test]
    fn merging_two_ids_changes_the_output(ids in distinct_ids(), shape in shape()) {
        let lines = lines_over(&ids, &shape);
        let used: BTreeSet<&str> = lines
            .iter()
            .flat_map(|line| UUID.find_iter(line))
            .map(|found| found.as_str())
            .collect();
        let used: Vec<&str> = used.into_iter().collect();
        prop_assume!(used.len() >= 2);
        let (one, other) = (used[0], used[1]);
        let merged: Vec<String> = lines.iter().map(|l| l.replace(other, one)).collect();
        prop_assert_ne!(redactor().listing(&lines), redactor().listing(&merged));
        prop_assert_ne!(
            redactor().text(&lines.join("\n")),
            redactor().text(&merged.join("\n"))
        );
    }

    #[test]
    fn no_id_survives(ids in distinct_ids(), shape in shape()) {
        let text = redactor().text(&lines_over(&ids, &shape).join("\n"));
        prop_assert!(Auditor::default().findings(&text).is_empty(), "{}", text);
    }
}
