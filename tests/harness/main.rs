//! Tests of the suite itself, from outside: what it refuses, and the rules that make a golden
//! trustworthy.

mod backends;
mod bad_input;
mod common;
mod interop;
mod progress;
mod reference;
mod rules;
