//! The proxy of the environment.

use insta::assert_snapshot;

use crate::{
    child::{fetch_if_child, outcome_in_child},
    server::{Answer, Server},
};

#[test]
fn the_proxy_of_the_environment_is_asked() {
    if fetch_if_child() {
        return;
    }
    let name = "proxy::the_proxy_of_the_environment_is_asked";
    let proxy = Server::start(vec![Answer::ok("abc"), Answer::status("403 No")]);
    let at = proxy.url("");

    let outcome = outcome_in_child(name, "http://hostler.invalid/a?sig=x", &[("http_proxy", &at)]);
    assert_snapshot!(outcome, @"3 bytes from http://hostler.invalid/a?<redacted>");

    // What goes through the proxy to a server with TLS starts by asking for a connection to it.
    let outcome = outcome_in_child(name, "https://hostler.invalid/a?sig=x", &[("HTTPS_PROXY", &at)]);
    assert_snapshot!(outcome, @"[download.unreachable] https://hostler.invalid/a?<redacted>: no connection: tunnel error: unsuccessful");

    let lines: Vec<String> = proxy
        .requests()
        .iter()
        .map(|request| request.lines().next().unwrap().to_owned())
        .collect();
    assert_eq!(
        lines,
        [
            "GET http://hostler.invalid/a?sig=x HTTP/1.1",
            "CONNECT hostler.invalid:443 HTTP/1.1"
        ]
    );
}

#[test]
fn hosts_without_proxy_are_asked_directly() {
    if fetch_if_child() {
        return;
    }
    let name = "proxy::hosts_without_proxy_are_asked_directly";
    let server = Server::start(vec![Answer::ok("abc")]);
    let nobody = Server::none().url("");
    let environment = [
        ("HTTP_PROXY", nobody.as_str()),
        ("http_proxy", &nobody),
        ("NO_PROXY", "127.0.0.1"),
    ];
    assert_snapshot!(outcome_in_child(name, &server.url("/a"), &environment), @"3 bytes from http://SERVER/a");
}
