//! What is known: subscriptions, versions, operations and uploads, in one database.
