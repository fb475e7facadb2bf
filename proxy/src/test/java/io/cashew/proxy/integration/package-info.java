/**
 * The whole proxy in front of real Redis servers. Not null-marked: a reply that is unexpectedly
 * null fails its test by itself.
 */
package io.cashew.proxy.integration;
