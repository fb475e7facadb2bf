package io.cashew.proxy.config;

import java.util.Optional;

/**
 * What is sent to a node after connecting.
 *
 * @param username for {@code AUTH username password}; empty: {@code AUTH password}
 * @param password the password
 */
public record NodeAuth(Optional<String> username, Secret password) {}
