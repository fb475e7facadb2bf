package io.cashew.proxy.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * By what a change of files is known: when each was modified, how long it is, and which file it is
 * behind all symbolic links, so that the swap of a link is seen whatever the file behind it is.
 * Looking now and then sees what no notification tells of: mounted volumes, files replaced by a
 * rename, and the link {@code ..data} by which Kubernetes swaps a whole directory. Immutable.
 *
 * @param stamps in the order of the files; null stands for one that is not there
 */
record FileStamps(List<@Nullable Stamp> stamps) {

  /** One file as it is. */
  record Stamp(FileTime modified, long bytes, String identity) {}

  /** The files as they are now. */
  static FileStamps of(List<Path> files) {
    List<@Nullable Stamp> found = new ArrayList<>();
    for (Path file : files) {
      found.add(stamp(file));
    }
    return new FileStamps(found);
  }

  private static @Nullable Stamp stamp(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(
          attributes.lastModifiedTime(),
          attributes.size(),
          Objects.toString(attributes.fileKey(), ""));
    } catch (IOException gone) {
      return null; // in the middle of being replaced; to read it says why
    }
  }
}
