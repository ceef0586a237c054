/**
 * What runs in the browser: draws the charts of `charts.ts` from the page's own data, with one cursor and one zoom for
 * all. Plain script text, because a report is one file; the page's tests run it in a browser.
 */
export const pageScript: string = `
(function () {
  'use strict'
  var run = JSON.parse(document.getElementById('run').textContent)
  var plots = []
  var root = document.documentElement

  function colour(name) {
    return getComputedStyle(root).getPropertyValue('--' + name).trim()
  }
  function faint(name) {
    return 'color-mix(in srgb, ' + colour(name) + ' 14%, transparent)'
  }
  function two(value) {
    return (value < 10 ? '0' : '') + value
  }
  function clock(seconds) {
    var whole = Math.round(seconds * 10) / 10
    var minutes = Math.floor(whole / 60)
    var rest = Math.round((whole - minutes * 60) * 10) / 10
    if (minutes < 60) return minutes + ':' + two(rest)
    return Math.floor(minutes / 60) + ':' + two(minutes % 60) + (rest ? ':' + two(rest) : '')
  }
  function number(value) {
    if (value == null) return '–'
    var size = Math.abs(value)
    var digits = size === 0 ? 0 : size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0
    return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  }
  function tick(value) {
    if (value == null) return ''
    return value.toLocaleString('en-US', { maximumSignificantDigits: 6 })
  }

  // Events: a dashed line each, with its number from the table of events.
  function drawMarks(plot) {
    var context = plot.ctx
    var ratio = uPlot.pxRatio
    context.save()
    context.font = 10 * ratio + 'px system-ui, sans-serif'
    context.textAlign = 'center'
    context.lineWidth = ratio
    var free = -Infinity
    run.marks.forEach(function (mark) {
      var scale = plot.scales.x
      if (mark.seconds < scale.min || mark.seconds > scale.max) return
      var x = Math.round(plot.valToPos(mark.seconds, 'x', true))
      var top = plot.bbox.top
      context.strokeStyle = context.fillStyle = colour({ grave: 'bad', steered: 's4', plain: 'muted' }[mark.kind])
      context.setLineDash([3 * ratio, 3 * ratio])
      context.beginPath()
      context.moveTo(x, top)
      context.lineTo(x, top + plot.bbox.height)
      context.stroke()
      var half = context.measureText(mark.label).width / 2
      if (x - half > free) {
        context.fillText(mark.label, x, top - 4 * ratio)
        free = x + half + 3 * ratio
      }
    })
    context.restore()
  }

  function percentile(nines) {
    if (nines === 0) return 'least'
    var digits = nines < 1 ? 0 : Math.max(0, Math.ceil(nines) - 2)
    return 'p' + Number((100 * (1 - Math.pow(10, -nines))).toFixed(digits))
  }

  // Fields of the heat map: the more values, the stronger the colour.
  function drawHeat(heat) {
    return function (plot) {
      var context = plot.ctx
      context.save()
      context.fillStyle = colour('s1')
      heat.columns.forEach(function (column, at) {
        var from = at === 0 ? 0 : heat.seconds[at - 1]
        if (heat.seconds[at] < plot.scales.x.min || from > plot.scales.x.max) return
        var left = plot.valToPos(Math.max(from, plot.scales.x.min), 'x', true)
        var right = plot.valToPos(Math.min(heat.seconds[at], plot.scales.x.max), 'x', true)
        for (var cell = 0; cell < column.length; cell += 2) {
          var bottom = plot.valToPos(heat.borders[column[cell]], 'y', true)
          var top = plot.valToPos(heat.borders[column[cell] + 1], 'y', true)
          context.globalAlpha = 0.1 + 0.9 * Math.sqrt(column[cell + 1] / heat.most)
          context.fillRect(Math.round(left), Math.round(top), Math.max(1, Math.round(right) - Math.round(left)), Math.max(1, Math.round(bottom) - Math.round(top)))
        }
      })
      context.restore()
      drawMarks(plot)
    }
  }
  // What is under the cursor, in words below the heat map.
  function readHeat(heat, place) {
    return function (plot) {
      var at = plot.cursor.idx
      var y = plot.cursor.top >= 0 ? plot.posToVal(plot.cursor.top, 'y') : null
      if (at == null || y == null) { place.textContent = ''; return }
      var row = heat.borders.findIndex(function (border) { return border > y }) - 1
      var column = heat.columns[at]
      var count = 0
      for (var cell = 0; cell < column.length; cell += 2) if (column[cell] === row) count = column[cell + 1]
      place.textContent = row < 0 ? '' : clock(heat.seconds[at]) + ', ' + number(heat.borders[row]) + ' to ' +
        number(heat.borders[row + 1]) + ' ms: ' + count.toLocaleString('en-US') + (count === 1 ? ' value' : ' values')
    }
  }

  function axis(extra) {
    return Object.assign({
      stroke: function () { return colour('muted') },
      grid: { stroke: function () { return colour('line') }, width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    }, extra)
  }

  function widest(values) {
    return values.reduce(function (most, value) { return Math.max(most, value.length) }, 0)
  }

  function options(chart, width, logarithmic, readout) {
    // A name, not a colour: the page may change its scheme.
    function marker(plot, index) {
      return index === 0 ? 'none' : 'var(--' + chart.series[index - 1].colour + ')'
    }
    var seconds = chart.x || run.seconds
    var overTime = chart.kind === 'time' || chart.kind === 'heat'
    var xs = {
      time: { time: false, range: function (plot, min, max) { return [min <= seconds[0] ? 0 : min, max] } },
      curve: { time: false },
      below: { time: false, distr: 3 },
    }
    var ys = {
      time: { range: function (plot, min, max) { return [0, max > 0 ? max * 1.05 : 1] } },
      below: { range: [0, 100] },
      heat: chart.heat && { distr: 3, range: [chart.heat.borders[0], chart.heat.borders[chart.heat.borders.length - 1]] },
    }
    var xAxes = {
      time: {
        incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400],
        values: function (plot, splits) { return splits.map(clock) },
      },
      curve: {
        incrs: [1],
        space: 40,
        values: function (plot, splits) { return splits.map(percentile) },
      },
      below: { values: function (plot, splits) { return splits.map(tick) } },
    }
    var told = { time: clock, heat: clock, curve: percentile, below: function (ms) { return number(ms) + ' ms' } }
    return {
      width: width,
      height: width < 480 ? 200 : 230,
      padding: [16, 18, 0, 0],
      cursor: {
        y: chart.kind === 'heat',
        sync: overTime ? { key: 'run', scales: ['x', null] } : undefined,
        drag: { x: true, y: false },
        points: { size: 6 },
      },
      legend: { show: chart.kind !== 'heat', markers: { width: 0, fill: marker } },
      scales: {
        x: overTime ? xs.time : xs[chart.kind],
        y: logarithmic ? { distr: 3 } : ys[chart.kind] || ys.time,
      },
      axes: [
        axis(Object.assign({ space: 60, size: 28 }, overTime ? xAxes.time : xAxes[chart.kind])),
        axis({
          space: 36,
          size: function (plot, values) { return values ? 16 + 7 * widest(values) : 50 },
          values: function (plot, splits) { return splits.map(tick) },
        }),
      ],
      series: [{ label: { below: 'below', curve: 'percentile' }[chart.kind] || 'time', value: function (plot, value) { return value == null ? '–' : told[chart.kind](value) } }].concat(
        chart.heat ? [{ label: 'values', show: true, stroke: 'transparent', points: { show: false } }] : [],
        chart.series.map(function (series) {
          return {
            label: series.label,
            stroke: function () { return colour(series.colour) },
            fill: series.filled && !logarithmic ? function () { return faint(series.colour) } : undefined,
            width: 1.5,
            dash: series.dashed ? [5, 4] : undefined,
            points: { show: seconds.length < 3 },
            value: function (plot, value) { return number(value) },
          }
        }),
      ),
      hooks: chart.heat
        ? { draw: [drawHeat(chart.heat)], setCursor: [readHeat(chart.heat, readout)] }
        : { draw: chart.kind === 'time' ? [drawMarks] : [] },
    }
  }

  function values(series, logarithmic) {
    if (!logarithmic) return series.values
    return series.values.map(function (value) { return value > 0 ? value : null })
  }

  function draw(chart, figure) {
    var place = figure.querySelector('.plot')
    var button = figure.querySelector('button')
    var logarithmic = false
    var plot = null
    function make() {
      if (plot) {
        plots.splice(plots.indexOf(plot), 1)
        plot.destroy()
      }
      var data = [chart.x || run.seconds].concat(chart.series.map(function (series) { return values(series, logarithmic) }))
      // Nothing is drawn of it, but the cursor needs a value.
      if (chart.heat) data.push(chart.x.map(function () { return chart.heat.borders[0] }))
      plot = new uPlot(options(chart, place.clientWidth, logarithmic, figure.querySelector('.readout')), data, place)
      plots.push(plot)
    }
    make()
    if (button) {
      button.addEventListener('click', function () {
        logarithmic = !logarithmic
        button.setAttribute('aria-pressed', String(logarithmic))
        make()
      })
    }
    new ResizeObserver(function () {
      var width = place.clientWidth
      if (width > 0 && width !== plot.width) plot.setSize({ width: width, height: width < 480 ? 200 : 230 })
    }).observe(place)
  }

  function redraw() {
    plots.forEach(function (plot) { plot.redraw(false, true) })
  }

  run.charts.forEach(function (chart) {
    draw(chart, document.getElementById('chart-' + chart.id))
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
  matchMedia('print').addEventListener('change', redraw)
})()
`
