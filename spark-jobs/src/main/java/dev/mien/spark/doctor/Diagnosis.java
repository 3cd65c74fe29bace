package dev.mien.spark.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * The findings of an examination.
 *
 * @param driver findings on the driver's machine, on versions, and on the folders to write to
 * @param executors findings of each executor, by its name
 */
public record Diagnosis(List<Finding> driver, SortedMap<String, List<Finding>> executors) {

  /** Whether nothing is wrong anywhere. */
  public boolean isWell() {
    return Stream.concat(Stream.of(driver), executors.values().stream())
        .flatMap(List::stream)
        .allMatch(Finding::isWell);
  }

  /** The findings, one per line; executors with the same findings share them. */
  public String text() {
    StringBuilder text = new StringBuilder("driver\n");
    driver.forEach(finding -> text.append(finding.text()));

    Map<List<Finding>, List<String>> alike = new LinkedHashMap<>();
    executors.forEach(
        (name, findings) -> alike.computeIfAbsent(findings, key -> new ArrayList<>()).add(name));
    alike.forEach(
        (findings, names) -> {
          text.append(String.join(", ", names)).append('\n');
          findings.forEach(finding -> text.append(finding.text()));
        });
    return text.toString();
  }
}
