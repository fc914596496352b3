use std::path::{Path,PathBuf};
use std::time::Instant;
use rayon::prelude::*;
use twicetold::passages::*;
use twicetold::document::DocId;
use twicetold::text::Tokens;
use twicetold::watch::Unwatched;

fn load(path:&Path)->Vec<String>{
    use std::io::{BufRead,BufReader,Read};
    let f=std::fs::File::open(path).unwrap();
    let r:Box<dyn Read>=if path.extension().is_some_and(|e|e=="zst"){Box::new(zstd::Decoder::new(f).unwrap())}else{Box::new(f)};
    BufReader::new(r).lines().map(|l|{let v:serde_json::Value=serde_json::from_str(&l.unwrap()).unwrap();v["text"].as_str().unwrap().to_owned()}).collect()
}
fn tokenise(texts:&[String])->TokenTexts{
    let parts:Vec<TokenText>=texts.par_iter().map_init(Tokens::new,|t,s|{t.read(s);TokenText::new(s,t)}).collect();
    let mut out=TokenTexts::new(); for p in &parts{out.push(p).unwrap();} out
}
fn peak()->u64{ std::fs::read_to_string("/proc/self/status").unwrap().lines().find(|l|l.starts_with("VmHWM")).unwrap().split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()/1024 }
fn main(){
    let args:Vec<String>=std::env::args().skip(1).filter(|a|a!="--bench").collect();
    let name=&args[1];
    let path=if Path::new(name).exists(){PathBuf::from(name)}else{PathBuf::from(format!("{}/../shared/data/{name}/docs.jsonl.zst","/work/main"))};
    let texts=load(&path); let bytes:usize=texts.iter().map(|t|t.len()).sum();
    let t=Instant::now(); let tt=tokenise(&texts); let tok=t.elapsed(); println!("docs {} bytes {:.1} MB tokenise {:?} peak {} MB",texts.len(),bytes as f64/1e6,tok,peak());
    let mut r=PassageRecipe::default(); if let Some(m)=args.get(2){r.min_words=m.parse().unwrap()} if let Some(m)=args.get(3){r.seed_words=m.parse().unwrap()}
    let t=Instant::now(); let f=find_families(&tt,&r,&Unwatched).unwrap(); let el=t.elapsed();
    println!("families {} occurrences {} {:?} = {:.1} MB/s; with tokens {:.1} MB/s; peak {} MB limits {:?}",f.families.len(),f.families.iter().map(|f|f.occurrences.len()).sum::<usize>(),el,bytes as f64/1e6/el.as_secs_f64(),bytes as f64/1e6/(el+tok).as_secs_f64(),peak(),f.limits);
    let cov=f.covered(texts.len()); let c:u64=cov.iter().flatten().map(|r|(r.end-r.start) as u64).sum(); let total:u64=(0..texts.len()).map(|d|tt.token_count(DocId(d as u32)) as u64).sum();
    println!("covered tokens {c} of {total} = {:.3}",c as f64/total as f64);
    let n:usize=args.get(4).map_or(0,|s|s.parse().unwrap()); let off:usize=args.get(5).map_or(0,|s|s.parse().unwrap());
    for fam in f.families.iter().skip(off).take(n){ let mut ids:Vec<f64>=fam.occurrences.iter().map(|o|o.identity).collect(); ids.sort_by(f64::total_cmp);
        println!("-- docs {} occ {} words {} id min {:.2} med {:.2}",fam.documents,fam.occurrences.len(),fam.representative().tokens.len(),ids[0],ids[ids.len()/2]);
        let mut show=vec![fam.representative]; for o in [0,1,fam.occurrences.len()-1]{if !show.contains(&o){show.push(o)}}
        for o in show { let o=&fam.occurrences[o]; let s=&texts[o.doc.index()][o.bytes.clone()]; println!("   {} {:?} id {:.2} {}",o.doc.0,o.tokens,o.identity,s.chars().take(300).collect::<String>().replace('\n'," / ")); } }
}
