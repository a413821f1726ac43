//! Tests of the suite itself, from outside: what it refuses, and the rules that make a golden
//! trustworthy.

mod backends;
mod bad_input;
mod common;
mod endings;
mod floods;
mod insta;
mod interop;
mod ledgers;
mod moved;
mod reference;
mod rules;
mod runners;
mod said;
mod variables;
