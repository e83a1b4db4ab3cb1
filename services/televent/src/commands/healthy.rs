//! `televent healthy`: whether the process that serves with this configuration on this machine is well. Images have no
//! other program that could ask.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, bail};
use televent_runtime::config::Config;

use super::say;

/// A little longer than the checks behind `/readyz` may take.
const TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) async fn run(config: &Config, ready: bool) -> anyhow::Result<ExitCode> {
    let url = url(config.http_listen, config.tls.is_some(), ready);
    let answer = reqwest::Client::builder()
        .no_proxy()
        .timeout(TIMEOUT)
        // The certificate is for the public name, and this asks by an address of this machine.
        .danger_accept_invalid_certs(true)
        .build()?
        .get(&url)
        .send()
        .await
        .with_context(|| format!("{url} does not answer"))?;
    let status = answer.status();
    let text = answer.text().await.unwrap_or_default();
    if !status.is_success() {
        bail!("{url} answers {status}: {}", text.trim());
    }
    say(text.trim());
    Ok(ExitCode::SUCCESS)
}

/// Where the process is asked, on this machine.
fn url(listen: SocketAddr, tls: bool, ready: bool) -> String {
    let scheme = if tls { "https" } else { "http" };
    let path = if ready { "readyz" } else { "healthz" };
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    let address = SocketAddr::new(ip, listen.port());
    format!("{scheme}://{address}/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_is_asked_where_it_listens() {
        let url = |listen: &str, tls, ready| url(listen.parse().unwrap(), tls, ready);
        assert_eq!(
            url("127.0.0.1:8080", false, false),
            "http://127.0.0.1:8080/healthz"
        );
        assert_eq!(
            url("0.0.0.0:8080", false, true),
            "http://127.0.0.1:8080/readyz"
        );
        assert_eq!(url("[::]:443", true, false), "https://[::1]:443/healthz");
        assert_eq!(
            url("10.1.2.3:80", false, false),
            "http://10.1.2.3:80/healthz"
        );
    }
}
