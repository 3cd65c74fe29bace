package dev.mien.spark.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * What was found.
 *
 * @param driver on the driver's machine, of the versions, and of the places to write to
 * @param executors on each executor, by its name
 */
public record Diagnosis(List<Finding> driver, SortedMap<String, List<Finding>> executors) {

  /** Whether nothing is amiss anywhere. */
  public boolean isWell() {
    return Stream.concat(Stream.of(driver), executors.values().stream())
        .flatMap(List::stream)
        .allMatch(Finding::isWell);
  }

  /** The findings, a line each; executors that found the same are told of once. */
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
