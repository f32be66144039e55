// The outline of the land as a picture, of the arcs that world-atlas keeps (TopoJSON: each arc is
// a list of steps on a grid; a polygon names its arcs, a negative number one that runs backwards).

export function landPicture(topology) {
  const { scale, translate } = topology.transform;
  const arcs = topology.arcs.map((steps) => {
    let x = 0;
    let y = 0;
    return steps.map(([dx, dy]) => {
      x += dx;
      y += dy;
      return [x * scale[0] + translate[0], -(y * scale[1] + translate[1])];
    });
  });
  const ring = (numbers) =>
    numbers.flatMap((number, place) => {
      const points = number < 0 ? [...arcs[~number]].reverse() : arcs[number];
      return place ? points.slice(1) : points; // arcs share their ends
    });
  const line = (points, east) =>
    `M${points.map(([x, y]) => `${(x + east).toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`;
  // A ring across the 180th meridian is unrolled beyond the edge and drawn at either side; one
  // around the pole does not come back to where it began, and is closed below the edge.
  const path = (numbers) => {
    let turn = 0;
    const points = ring(numbers).map(([x, y], place, all) => {
      if (place) {
        const step = x - all[place - 1][0];
        if (Math.abs(step) > 180) turn -= 360 * Math.sign(step);
      }
      return [x + turn, y];
    });
    const [first, last] = [points[0], points[points.length - 1]];
    if (Math.abs(last[0] - first[0]) > 180) points.push([last[0], 91], [first[0], 91]);
    const west = Math.min(...points.map(([x]) => x));
    const east = Math.max(...points.map(([x]) => x));
    const copies = [0, ...(west < -180 ? [360] : []), ...(east > 180 ? [-360] : [])];
    return copies.map((shift) => line(points, shift)).join("");
  };
  const polygons = (geometry) => {
    if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap(polygons);
    return geometry.type === "Polygon" ? [geometry.arcs] : geometry.arcs;
  };
  const land = polygons(topology.objects.land).flat().map(path).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-180 -90 360 180"><path fill="#8b8f8c" fill-opacity=".32" d="${land}"/></svg>\n`;
}
