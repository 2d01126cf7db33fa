//! `hostler new`: names that do and do not, and projects in every language followed from their README to a package that
//! keeps the contract.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod inputs;
mod languages;
