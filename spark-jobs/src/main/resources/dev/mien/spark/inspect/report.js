(() => {
  "use strict";

  const data = JSON.parse(document.getElementById("data").textContent);
  const escape = echarts.format.encodeHTML;
  const charts = [];

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const number = value => {
    const rounded = Number(value.toPrecision(4));
    return rounded !== 0 && Math.abs(rounded) < 1e-3
      ? rounded.toExponential()
      : rounded.toLocaleString("en", { maximumSignificantDigits: 4 });
  };

  /** A chart drawn by options(), again whenever the page's colours change. */
  function chart(element, options) {
    const drawn = echarts.init(element);
    const draw = () => drawn.setOption(options(), true);
    charts.push({ drawn, draw });
    draw();
    return draw;
  }

  function axis(more) {
    return Object.assign(
      {
        axisLine: { lineStyle: { color: colour("--line") } },
        axisTick: { show: false },
        axisLabel: { color: colour("--quiet"), fontSize: 11, formatter: number, hideOverlap: true },
        splitLine: { show: false },
      },
      more);
  }

  const valueAxis = more =>
    axis({
      type: "value",
      axisLine: { show: false },
      splitLine: { lineStyle: { color: colour("--line") } },
      splitNumber: 4,
      ...more,
    });

  function tooltip(more) {
    return {
      backgroundColor: colour("--card"),
      borderColor: colour("--line"),
      textStyle: { color: colour("--ink"), fontSize: 12 },
      confine: true,
      ...more,
    };
  }

  const base = () => ({
    animation: false,
    textStyle: { fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif" },
  });

  function histogram(figure) {
    const edge = bin => figure.low + bin * figure.width;
    const bins = figure.counts.length;
    // A curve that steps halfway between the middles of bins is a histogram on an axis of values;
    // an empty bin on either side lets it begin and end on the ground.
    const counts = [0, ...figure.counts, 0];
    return {
      ...base(),
      grid: { left: 4, right: 14, top: 10, bottom: 4, containLabel: true },
      tooltip: tooltip({
        trigger: "axis",
        axisPointer: { type: "none" },
        formatter: ([step]) =>
          `${number(edge(step.dataIndex - 1))} to ${number(edge(step.dataIndex))}<br>` +
          `<b>${number(step.value[1])}</b> clips`,
      }),
      xAxis: axis({ type: "value", min: edge(0), max: edge(bins), splitNumber: 3 }),
      yAxis: valueAxis({ minInterval: 1, splitNumber: 2 }),
      series: [{
        type: "line",
        step: "middle",
        data: counts.map((count, bin) => [edge(bin - 0.5), count]),
        showSymbol: false,
        lineStyle: { width: 0 },
        areaStyle: { color: colour("--accent"), opacity: 1 },
        color: colour("--accent"),
      }],
    };
  }

  function curves(lines, yAxis) {
    return {
      ...base(),
      grid: { left: 4, right: 12, top: lines.length > 1 ? 34 : 12, bottom: 4, containLabel: true },
      legend: {
        show: lines.length > 1,
        left: 0,
        top: 0,
        icon: "roundRect",
        itemWidth: 14,
        itemHeight: 3,
        textStyle: { color: colour("--quiet") },
      },
      tooltip: tooltip({
        trigger: "axis",
        axisPointer: { lineStyle: { color: colour("--quiet") } },
        formatter: points =>
          [`round ${number(points[0].axisValue)}`]
            .concat(points.map(p => `${p.marker}${p.seriesName} <b>${number(p.value[1])}</b>`))
            .join("<br>"),
      }),
      xAxis: axis({ type: "value", min: "dataMin", max: "dataMax", minInterval: 1 }),
      yAxis: valueAxis(yAxis),
      series: lines.map(line => ({
        type: "line",
        name: line.name,
        data: line.points,
        showSymbol: line.dots === true || line.points.length === 1,
        symbol: "circle",
        symbolSize: 6,
        lineStyle: { width: 2 },
        color: colour(line.colour),
      })),
    };
  }

  // Told apart by people of all kinds of colour vision, on light and dark ground (after Okabe and
  // Ito, 2008).
  const palette = [
    "#0f85c9", "#e08214", "#1a9e77", "#cc5f9c", "#d1b21b", "#56b4e9", "#d5502a", "#8a6fc2",
    "#7f8c3a", "#a0785a",
  ];
  const longestLegend = 16;

  function embeddingMap(map, by) {
    const groups = new Map();
    for (const clip of map.clips) {
      const name = clip[by] === undefined ? "unknown" : clip[by];
      if (!groups.has(name)) {
        groups.set(name, []);
      }
      groups.get(name).push({ value: [clip.x, clip.y], clip });
    }
    const component = i => ({
      name: `component ${i + 1}, ${Math.round(100 * map.explained[i])} % of the variance`,
      nameLocation: "middle",
      nameTextStyle: { color: colour("--quiet"), fontSize: 12 },
      nameGap: i === 0 ? 30 : 44,
      scale: true,
    });
    const size = map.clips.length > 1000 ? 5 : 8;
    return {
      ...base(),
      grid: { left: 60, right: 12, top: groups.size > longestLegend ? 12 : 44, bottom: 48 },
      legend: {
        show: groups.size <= longestLegend,
        type: "scroll",
        left: 0,
        top: 0,
        icon: "circle",
        itemWidth: 10,
        itemHeight: 10,
        textStyle: { color: colour("--quiet") },
        pageTextStyle: { color: colour("--quiet") },
        pageIconColor: colour("--quiet"),
        pageIconInactiveColor: colour("--line"),
      },
      tooltip: tooltip({
        trigger: "item",
        formatter: point => {
          const clip = point.data.clip;
          return `<b>${escape(clip.clip)}</b>, from frame ${clip.frame}` +
            `<br>person ${escape(clip.person === undefined ? "unknown" : clip.person)}` +
            `<br>video ${escape(clip.video)}<br>track ${escape(clip.track)}`;
        },
      }),
      xAxis: valueAxis(component(0)),
      yAxis: valueAxis(component(1)),
      series: [...groups.keys()].sort().map((name, i) => ({
        type: "scatter",
        name,
        data: groups.get(name),
        symbolSize: size,
        itemStyle: { color: palette[i % palette.length], opacity: 0.75 },
      })),
    };
  }

  for (const element of document.querySelectorAll("[data-histogram]")) {
    // The template counts from 1.
    const figure = data.quality[element.dataset.histogram - 1];
    chart(element, () => histogram(figure));
  }

  const training = data.training;
  const lines = training && {
    loss: [
      { name: "training", points: training.trainingLoss, colour: "--accent" },
      { name: "validation", points: training.validationLoss, colour: "--second", dots: true },
    ].filter(line => line.points.length > 0),
    learningRate: [{ name: "rate", points: training.learningRate, colour: "--accent" }],
    clipsPerSecond: [{ name: "clips/s", points: training.clipsPerSecond, colour: "--accent" }],
  };
  for (const element of document.querySelectorAll("[data-curve]")) {
    const curve = element.dataset.curve;
    chart(element, () => curves(lines[curve], curve === "loss" ? { type: "log" } : {}));
  }

  if (data.embeddings) {
    const by = () => document.querySelector("input[name=colour]:checked").value;
    const draw = chart(
      document.getElementById("embedding-map"), () => embeddingMap(data.embeddings, by()));
    for (const input of document.querySelectorAll("input[name=colour]")) {
      input.addEventListener("change", draw);
    }
  }

  addEventListener("resize", () => charts.forEach(({ drawn }) => drawn.resize()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener(
    "change", () => charts.forEach(({ draw }) => draw()));
})();
