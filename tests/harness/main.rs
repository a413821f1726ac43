//! Tests of the suite itself, from outside: what it refuses, and the rules that make a golden
//! trustworthy.

mod architecture;
mod backends;
mod bad_input;
mod common;
mod coverage;
mod defects;
mod endings;
mod endpoints;
mod floods;
mod getting;
mod insta;
mod interop;
mod ledgers;
mod locks;
mod moved;
mod progress;
mod red;
mod reference;
mod rules;
mod runners;
mod said;
mod shared;
mod trust;
mod unseen;
mod variables;
