/** What is decided: start, reload, ejection and readmission, drain, stop. */
@NullMarked
package io.cashew.proxy.control;

import org.jspecify.annotations.NullMarked;
