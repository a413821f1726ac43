//! What ends with what. The scenario binary ends when the `cargo uat` that started it is gone, and
//! the commands of its trials end when the scenario binary is, also where no handler could run: with
//! `kill -9`. Each holds the one end of a pipe, and the other end sees it close.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, MutexGuard};

use crate::settings::variables::ENDS_WITH_STDIN;

/// Starts `command` so that it ends when this process does, or when what is given with it is
/// dropped.
///
/// # Errors
/// It cannot be started.
pub fn spawn(command: &mut Command) -> io::Result<(Child, Option<ChildStdin>)> {
    let mut child = command
        .stdin(Stdio::piped())
        .env(ENDS_WITH_STDIN, "1")
        .spawn()?;
    // Held here: `Child::wait` would close it.
    let held = child.stdin.take();
    Ok((child, held))
}

/// Calls `then`, once, when the process that [`spawn`]ed this one is gone. Without one, never.
pub(crate) fn when_let_go(then: impl FnOnce() + Send + 'static) {
    if std::env::var_os(ENDS_WITH_STDIN).is_none_or(|value| value.is_empty()) {
        return;
    }
    std::thread::spawn(move || {
        let mut nothing = [0; 64];
        // An error is an end as well.
        while matches!(io::stdin().lock().read(&mut nothing), Ok(1..)) {}
        then();
    });
}

/// Reads which process groups began (`+`) and are over (`-`), and kills those that are left when
/// its standard input ends.
const GUARD: &str = r#"
trap '' HUP INT TERM
live=' '
while read -r sign group; do
    case $sign in
        +) live="$live$group " ;;
        -) live="${live%% $group *} ${live#* $group }" ;;
    esac
done
for group in $live; do kill -s KILL -- "-$group"; done
"#;

static COMMANDS: Mutex<Option<Child>> = Mutex::new(None);

fn commands() -> MutexGuard<'static, Option<Child>> {
    COMMANDS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// From now on, commands end when this process does.
///
/// # Errors
/// There is no `sh`.
pub(crate) fn hold_commands() -> io::Result<()> {
    let guard = Command::new("sh")
        .args(["-c", GUARD, "swamp-uat-guard"])
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C in a terminal goes to a whole group: the guard must live to see its input end.
        .process_group(0)
        .spawn()?;
    *commands() = Some(guard);
    Ok(())
}

/// Ends the guard, when all commands are over.
pub(crate) fn let_commands_go() {
    if let Some(mut guard) = commands().take() {
        drop(guard.stdin.take());
        // It has nothing left to do; how it ends says nothing.
        let _ = guard.wait();
    }
}

/// Notes that a command leads this process group.
pub(crate) fn begun(group: i32) {
    note('+', group);
}

/// Notes that nothing of this process group is left.
pub(crate) fn over(group: i32) {
    note('-', group);
}

fn note(sign: char, group: i32) {
    if let Some(pipe) = commands().as_mut().and_then(|guard| guard.stdin.as_mut()) {
        // Without the guard, the commands end as their trial does.
        let _ = pipe.write_all(format!("{sign} {group}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn sleeper() -> Child {
        Command::new("sleep")
            .arg("600")
            .process_group(0)
            .spawn()
            .unwrap()
    }

    #[test]
    fn the_guard_kills_what_is_not_over_when_its_input_ends() {
        for shell in ["sh", "bash", "dash"] {
            let guard = Command::new(shell)
                .args(["-c", GUARD])
                .stdin(Stdio::piped())
                .spawn();
            let Ok(mut guard) = guard else {
                assert_ne!(shell, "sh", "there is a shell");
                continue;
            };
            let mut all: Vec<Child> = (0..4).map(|_| sleeper()).collect();
            let mut pipe = guard.stdin.take().unwrap();
            for child in &all {
                writeln!(pipe, "+ {}", child.id()).unwrap();
            }
            for over in [1, 3] {
                writeln!(pipe, "- {}", all[over].id()).unwrap();
            }
            drop(pipe);
            guard.wait().unwrap();
            for (index, child) in all.iter_mut().enumerate() {
                let killed = [0, 2].contains(&index);
                let until = Instant::now() + Duration::from_secs(if killed { 10 } else { 0 });
                let mut ended = child.try_wait().unwrap();
                while ended.is_none() && Instant::now() < until {
                    std::thread::sleep(Duration::from_millis(10));
                    ended = child.try_wait().unwrap();
                }
                assert_eq!(ended.is_some(), killed, "{shell}: command {index}");
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}
