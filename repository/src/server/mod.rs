//! HTTPS, who a client is, and the calls of the management API.
