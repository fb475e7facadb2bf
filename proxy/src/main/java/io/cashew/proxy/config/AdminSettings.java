package io.cashew.proxy.config;

import java.util.Optional;

/**
 * The admin address.
 *
 * @param listen where HTTP is served; empty: nowhere
 * @param token that requests must have; empty: none
 */
public record AdminSettings(Optional<Address> listen, Optional<Secret> token) {}
