//! What is known of several secrets, and of those that were opened before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hostler_contract::Settings;
use sha2::{Digest as _, Sha256};

use super::{Keys, Redactor, Secret, SecretFailure};

/// Most secrets whose values are kept at hand.
const AT_HAND: usize = 256;

/// What is known of any number of secrets.
#[derive(Debug, Clone, Default)]
pub struct KnownValues(Vec<Redactor>);

impl KnownValues {
    /// Adds what is known of others.
    pub fn add(&mut self, others: Self) {
        self.0
            .extend(others.0.into_iter().filter(|redactor| !redactor.is_empty()));
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `text` without what is known.
    pub fn text(&self, text: &str) -> String {
        self.0
            .iter()
            .fold(text.to_owned(), |text, redactor| redactor.text(&text))
    }

    /// `bytes` without what is known.
    pub fn bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.0.iter().fold(bytes, |bytes, redactor| redactor.bytes(&bytes))
    }
}

/// What is known of settings that were opened before, by the SHA-256 of what was opened: a report is made every few
/// seconds, and an RSA key is slow. The values, not the keys, stay in memory as long as their process runs.
#[derive(Debug, Clone, Default)]
pub(super) struct AtHand(Arc<Mutex<HashMap<[u8; 32], Redactor>>>);

impl Keys {
    /// Opens the protected settings among `settings`; `None` where there are none.
    ///
    /// # Errors
    ///
    /// [`SecretFailure`].
    pub fn open_settings(&self, settings: &Settings) -> Result<Option<Secret>, SecretFailure> {
        match (settings.protected(), settings.thumbprint()) {
            (Some(protected), Some(thumbprint)) => self.open(protected, thumbprint).map(Some),
            _ => Ok(None),
        }
    }

    /// What is known of the protected settings among `settings`: nothing where they cannot be opened.
    pub fn known_values(&self, settings: &Settings) -> KnownValues {
        let (Some(protected), Some(thumbprint)) = (settings.protected(), settings.thumbprint()) else {
            return KnownValues::default();
        };
        let digest: [u8; 32] = Sha256::new_with_prefix(thumbprint)
            .chain_update(protected)
            .finalize()
            .into();
        // A map is whole after every step.
        let mut at_hand = self.at_hand.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(redactor) = at_hand.get(&digest) {
            return KnownValues(vec![redactor.clone()]);
        }
        let Ok(secret) = self.open(protected, thumbprint) else {
            return KnownValues::default();
        };
        let redactor = Redactor::of(&secret);
        if at_hand.len() >= AT_HAND {
            at_hand.clear();
        }
        at_hand.insert(digest, redactor.clone());
        KnownValues(vec![redactor])
    }
}
