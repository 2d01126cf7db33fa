//! What was accepted and is carried out afterwards.
